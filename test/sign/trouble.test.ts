/** Every way a service can fail: one clear error, no file, and the token nowhere. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { sign } from '../../lib/author/index.ts';
import { main } from '../../lib/cli/main.ts';
import { NOW } from '../support/host.ts';
import {
  aToken,
  BEARER,
  githubClaims,
  type SigningServices,
  startSigningServices,
  type Trouble,
} from '../support/services/index.ts';
import { aPacking } from './world.ts';

let services: SigningServices;
before(async () => {
  services = await startSigningServices({ now: () => NOW });
});
after(() => services.close());

type Name = 'fulcio' | 'rekor' | 'rekorV2' | 'timestamps' | 'tokens';

const CODES = {
  fulcio: 'CERTIFICATE_REFUSED',
  rekor: 'LOG_REFUSED',
  rekorV2: 'LOG_REFUSED',
  timestamps: 'TIMESTAMP_REFUSED',
  tokens: 'NO_IDENTITY_TOKEN',
} as const;

/** What any of them can do. */
const COMMON: readonly (readonly [string, Trouble, RegExp])[] = [
  ['answers 400', { kind: 'status', status: 400 }, /answered 400/],
  ['answers 403', { kind: 'status', status: 403 }, /answered 403/],
  ['answers 429 for good', { kind: 'status', status: 429 }, /answered 429 \(3 attempts\)/],
  ['answers 500 for good', { kind: 'status', status: 500 }, /answered 500 \(3 attempts\)/],
  ['answers 503 for good', { kind: 'status', status: 503 }, /answered 503 \(3 attempts\)/],
  ['breaks off every connection', { kind: 'reset' }, /broke off its answer/],
  ['never answers', { kind: 'silent' }, /did not finish its answer|fell silent/],
  [
    'answers with a page',
    { kind: 'garbage' },
    /wrongly|not JSON|without a token|no identity token|would not verify/,
  ],
  ['answers with nothing', { kind: 'garbage', body: '' }, /wrongly|without a token|would not verify/],
  ['answers null', { kind: 'garbage', body: 'null' }, /wrongly|without a token|would not verify/],
  [
    'answers with an empty object',
    { kind: 'garbage', body: '{}' },
    /wrongly|without a token|would not verify/,
  ],
  [
    'answers with far too much',
    { kind: 'garbage', body: 'x'.repeat(5_000_000) },
    /sent more than npmsign accepts/,
  ],
  [
    'redirects',
    { kind: 'status', status: 307, headers: { location: 'https://evil.example/' } },
    /answered 307/,
  ],
];

/** What one of them can do, and what is then said. */
const LIES: Readonly<Record<Name, readonly (readonly [string, RegExp])[]>> = {
  fulcio: [
    ['other-key', /the certificate is for another key/],
    ['other-identity', /the certificate is for mallory@evil\.example, which the token does not name/],
    ['other-issuer', /which the token does not name/],
    ['other-authority', /issued by no trusted authority|signature on the certificate does not hold/],
    ['no-sct', /0 certificate transparency timestamps found/],
    ['wrong-sct', /a certificate transparency timestamp cannot be verified/],
    ['expired', /the certificate was not valid at the signing time/],
    ['detached', /signedCertificateEmbeddedSct is not an object/],
  ],
  rekor: [
    ['other-entry', /the log entry is about another payload digest/],
    ['other-log', /from no trusted log/],
    ['bad-proof', /inclusion proof does not lead to the root/],
    ['bad-promise', /signed entry timestamp does not hold/],
    ['two-entries', /more than one entry/],
    ['exists-nowhere', /has the entry already, and does not say where/],
  ],
  rekorV2: [
    ['other-entry', /the log entry is about another digest/],
    ['other-log', /from no trusted log/],
    ['bad-proof', /inclusion proof does not lead to the root/],
    ['exists', /says of every new entry that it has it already/],
  ],
  timestamps: [
    ['other-bytes', /over other bytes than the signature/],
    ['other-authority', /from no trusted authority|signature does not hold/],
    ['long-ago', /certificate was not valid at the signing time/],
  ],
  tokens: [],
};

for (const name of ['fulcio', 'rekor', 'rekorV2', 'timestamps', 'tokens'] as const) {
  describe(`when ${name}`, () => {
    const lies = LIES[name].map(
      ([lie, said]) => [`lies: ${lie}`, { kind: 'lie', lie } as const, said] as const,
    );
    for (const [what, trouble, said] of [...COMMON, ...lies]) {
      it(`${what}, the pack fails with one error and no file`, () => fails(name, trouble, said));
    }
  });
}

async function fails(name: Name, trouble: Trouble, said: RegExp): Promise<void> {
  const log = name === 'rekorV2' || name === 'timestamps' ? 'v2' : 'v1';
  const packing = aPacking(services, { log });
  const token = aToken(githubClaims(NOW));
  const env = {
    npm_config_fetch_timeout: '300',
    ...(name === 'tokens' ? {} : { SIGSTORE_ID_TOKEN: token }),
  };
  services[name].fail(trouble);
  try {
    const host = packing.host(env);
    assert.equal(await main(['sign', '--verbose'], host), 3, host.stderr());
    const shown = host.stderr();
    assert.match(shown, said);
    // A timestamp of another hour makes the certificate's time wrong: both are to blame.
    const code = what(name, trouble);
    assert.match(shown, new RegExp(`^npmsign: .* \\[${code}\\]\\n( {2}.*\\n)?$`));
    const thrown = await sign(packing.host(env)).then(
      () => assert.fail('it signed'),
      (error: unknown) => inspect(error, { depth: 10, showHidden: true }),
    );
    assert.deepEqual(packing.added(), []);
    for (const secret of [
      ...token.split('.'),
      ...services.tokens.issued.flatMap((one) => one.split('.')),
      BEARER,
    ]) {
      assert.ok(!`${shown}${thrown}${host.stdout()}`.includes(secret), 'a secret is shown');
    }
  } finally {
    services.behave();
  }
}

function what(name: Name, trouble: Trouble): string {
  return trouble.kind === 'lie' && trouble.lie === 'long-ago' ? 'CERTIFICATE_REFUSED' : CODES[name];
}

describe('when nobody listens', () => {
  for (const [service, code] of [
    ['fulcio', 'CERTIFICATE_REFUSED'],
    ['rekor', 'LOG_REFUSED'],
    ['timestampAuthority', 'TIMESTAMP_REFUSED'],
  ] as const) {
    it(`at the address of ${service}, the pack fails and says whom it could not reach`, async () => {
      const packing = aPacking(services, { sign: { [service]: 'http://127.0.0.1:9' } });
      const host = packing.host();
      assert.equal(await main(['sign'], host), 3);
      assert.match(
        host.stderr(),
        new RegExp(`gave no answer: 127\\.0\\.0\\.1:9 cannot be reached.*\\[${code}\\]`),
      );
      assert.deepEqual(packing.added(), []);
    });
  }

  it('because the run is offline, it says so', async () => {
    const packing = aPacking(services);
    const host = packing.host();
    assert.equal(await main(['sign', '--offline'], host), 3);
    assert.match(host.stderr(), /was not asked: offline/);
  });
});

describe('a service that repeats the token', () => {
  const token = aToken(githubClaims(NOW));
  const [, , signature = ''] = token.split('.');
  const echoes: readonly (readonly [string, string])[] = [
    ['whole', JSON.stringify({ code: 3, message: `bad token ${token}` })],
    ['in pieces', JSON.stringify({ message: token.replace(/(.{20})/g, '$1\n') })],
    ['as text', `could not parse ${signature}`],
    ['escaped', JSON.stringify({ message: encodeURIComponent(token).replaceAll('-', '%2D') })],
  ];
  for (const [how, body] of echoes) {
    it(`${how} is not repeated`, async () => {
      services.fulcio.fail({ kind: 'status', status: 400, body });
      const packing = aPacking(services);
      const host = packing.host({ SIGSTORE_ID_TOKEN: token });
      assert.equal(await main(['sign', '--verbose'], host), 3);
      services.behave();
      assert.match(host.stderr(), /\(127\.0\.0\.1:\d+\) answered 400\. \[CERTIFICATE_REFUSED\]/);
    });
  }

  it('is told apart from one that says what is wrong', async () => {
    const body = JSON.stringify({ code: 3, message: 'the policy of this authority is closed today' });
    services.fulcio.fail({ kind: 'status', status: 400, body });
    const packing = aPacking(services);
    const host = packing.host();
    assert.equal(await main(['sign'], host), 3);
    services.behave();
    assert.match(host.stderr(), /answered 400: the policy of this authority is closed today\./);
  });
});

describe('a failure the policy does not insist on', () => {
  it('is told, and the pack goes on unsigned', async () => {
    services.rekor.fail({ kind: 'status', status: 400 });
    const packing = aPacking(services, { sign: { required: false } });
    const host = packing.host();
    assert.equal(await main(['sign'], host), 0);
    services.behave();
    assert.match(
      host.stderr(),
      /@acme\/lib@1\.2\.3 not signed: The transparency log .* answered 400|nothing signed: The transparency log .* answered 400/,
    );
    assert.deepEqual(packing.added(), []);
  });
});

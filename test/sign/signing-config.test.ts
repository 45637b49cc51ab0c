/** Which services sign: by policy, by signing config, by what the public-good instance is known for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SignPolicy } from '../../lib/model/policy.ts';
import { signingServices } from '../../lib/sigstore/index.ts';
import { NOW } from '../support/host.ts';

const POLICY: SignPolicy = {
  provenance: 'auto',
  identity: 'ambient',
  required: true,
  publicLogForPrivatePackages: 'refuse',
};

type Listed = {
  readonly url: string;
  readonly api?: number;
  readonly start?: string;
  readonly end?: string;
  readonly operator?: string;
};

function listed({
  url,
  api = 1,
  start = '2022-01-01T00:00:00Z',
  end,
  operator = 'acme.example',
}: Listed): object {
  return { url, majorApiVersion: api, validFor: { start, ...(end && { end }) }, operator };
}

/** A signing config with the given logs and authorities. */
function config(parts: {
  readonly rekor?: readonly Listed[];
  readonly rekorSelector?: object;
  readonly tsa?: readonly Listed[];
  readonly tsaSelector?: object;
}): string {
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [listed({ url: 'https://fulcio.acme.example/' })],
    oidcUrls: [listed({ url: 'https://oauth.acme.example/auth' })],
    rekorTlogUrls: (parts.rekor ?? [{ url: 'https://rekor.acme.example' }]).map(listed),
    rekorTlogConfig: parts.rekorSelector ?? { selector: 'ANY' },
    tsaUrls: (parts.tsa ?? []).map(listed),
    ...(parts.tsaSelector && { tsaConfig: parts.tsaSelector }),
  });
}

function services(
  signingConfig: string | undefined,
  policy: Partial<SignPolicy> = {},
  root = 'https://tuf.acme.example',
) {
  const origin = { root, source: 'file', ageDays: 0 } as const;
  const trust = { origin, ...(signingConfig === undefined ? {} : { signingConfig }) };
  return signingServices({ policy: { ...POLICY, ...policy }, trust, now: NOW });
}

describe('the services', () => {
  it('come from the signing config', () => {
    assert.deepEqual(services(config({})), {
      fulcio: 'https://fulcio.acme.example',
      rekor: [{ url: 'https://rekor.acme.example', api: 1 }],
      timestampAuthorities: [],
      oidcIssuer: 'https://oauth.acme.example/auth',
      isPublic: false,
    });
  });

  it('of the public-good instance are known without one', () => {
    assert.deepEqual(services(undefined, {}, 'public-good'), {
      fulcio: 'https://fulcio.sigstore.dev',
      rekor: [{ url: 'https://rekor.sigstore.dev', api: 1 }],
      timestampAuthorities: [],
      oidcIssuer: 'https://oauth2.sigstore.dev/auth',
      isPublic: true,
    });
  });

  it('are the newest in use: version first, then start', () => {
    const rekor = [
      { url: 'https://old.example', start: '2021-01-01T00:00:00Z' },
      { url: 'https://two.example', api: 2, start: '2025-01-01T00:00:00Z' },
      { url: 'https://newer-two.example', api: 2, start: '2026-01-01T00:00:00Z' },
      { url: 'https://next.example', api: 2, start: '2027-01-01T00:00:00Z' },
      { url: 'https://ended.example', api: 2, start: '2026-05-01T00:00:00Z', end: '2026-06-01T00:00:00Z' },
      { url: 'https://three.example', api: 3 },
    ];
    assert.deepEqual(services(config({ rekor })).rekor, [{ url: 'https://newer-two.example', api: 2 }]);
  });

  const two = [
    { url: 'https://a.example', operator: 'a' },
    { url: 'https://a2.example', operator: 'a', start: '2021-01-01T00:00:00Z' },
    { url: 'https://b.example', operator: 'b' },
  ];
  for (const [selector, urls] of [
    [{ selector: 'ANY' }, ['https://a.example']],
    [{ selector: 'ALL' }, ['https://a.example', 'https://b.example']],
    [{ selector: 'EXACT', count: 2 }, ['https://a.example', 'https://b.example']],
  ] as const) {
    it(`are chosen as ${selector.selector} says, at most one of each operator`, () => {
      const chosen = services(config({ tsa: two, tsaSelector: selector }));
      assert.deepEqual(chosen.timestampAuthorities, urls);
      assert.deepEqual(
        services(config({ rekor: two, rekorSelector: selector })).rekor.map(({ url }) => url),
        urls,
      );
    });
  }

  it('of the policy take the place of each one listed', () => {
    const policy = {
      fulcio: 'https://f.example/',
      rekor: 'https://r.example',
      timestampAuthority: 'https://t.example',
    };
    const { fulcio, rekor, timestampAuthorities } = services(undefined, policy);
    assert.deepEqual(
      [fulcio, rekor, timestampAuthorities],
      [
        'https://f.example',
        [{ url: 'https://r.example', api: 'unknown' }],
        ['https://t.example/api/v1/timestamp'],
      ],
    );
  });

  it('of the policy speak the version the config knows them to speak', () => {
    const rekor = [{ url: 'https://one.example' }, { url: 'https://two.example', api: 2 }];
    const chosen = services(config({ rekor }), { rekor: 'https://one.example/' }).rekor;
    assert.deepEqual(chosen, [{ url: 'https://one.example', api: 1 }]);
  });

  it('are public where everybody can read the log, whatever the trust root is called', () => {
    const policy = { fulcio: 'https://f.example', rekor: 'https://rekor.sigstore.dev' };
    assert.equal(services(undefined, policy).isPublic, true);
    assert.equal(services(undefined, { ...policy, rekor: 'https://rekor.notsigstore.dev' }).isPublic, false);
  });
});

describe('a service that is missing', () => {
  for (const [what, policy, said] of [
    ['certificate authority', { rekor: 'https://r.example' }, /names no certificate authority/],
    ['log', { fulcio: 'https://f.example' }, /names no transparency log/],
  ] as const) {
    it(`is named: the ${what}`, () => {
      assert.throws(() => services(undefined, policy), { code: 'NO_SIGNING_SERVICE', message: said });
    });
  }
});

describe('a signing config', () => {
  const good = JSON.parse(config({}));
  for (const [what, text] of [
    ['is no JSON', '{'],
    ['is of an unknown kind', JSON.stringify({ ...good, mediaType: 'application/json' })],
    ['has an unknown selector', JSON.stringify({ ...good, rekorTlogConfig: { selector: 'SOME' } })],
    [
      'wants more services than there are',
      JSON.stringify({ ...good, rekorTlogConfig: { selector: 'EXACT', count: 2 } }),
    ],
    [
      'names a service without a time',
      JSON.stringify({ ...good, caUrls: [{ url: 'https://x.example', majorApiVersion: 1 }] }),
    ],
    ['names a file', JSON.stringify({ ...good, caUrls: [listed({ url: 'file:///etc/passwd' })] })],
  ] as const) {
    it(`that ${what} is not used`, () => {
      assert.throws(() => services(text), { code: 'NO_SIGNING_SERVICE', message: /cannot be used/ });
    });
  }
});

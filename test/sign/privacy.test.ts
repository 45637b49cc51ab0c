/** Names of private packages stay out of public logs. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sign } from '../../lib/author/index.ts';
import { main } from '../../lib/cli/main.ts';
import { NOW } from '../support/host.ts';
import { publicRegistry } from '../support/public-registry.ts';
import { type SigningServices, startSigningServices } from '../support/services/index.ts';
import { aPacking, type PackingRequest } from './world.ts';

let services: SigningServices;
before(async () => {
  services = await startSigningServices({ now: () => NOW });
});
after(() => services.close());

/** A policy whose log everybody can read. What is written nevertheless goes to loopback, and does not verify there. */
const PUBLIC = { policy: { trust: { root: 'public-good', refresh: 'never' } } } as const;

const PRIVATE: readonly (readonly [string, PackingRequest, Readonly<Record<string, string>>, RegExp])[] = [
  ['says private', { packageJson: { private: true } }, {}, /its package\.json says private/],
  [
    'has restricted access',
    { packageJson: { publishConfig: { access: 'restricted' } } },
    {},
    /its access is restricted/,
  ],
  ['is published as restricted', {}, { npm_config_access: 'restricted' }, /its access is restricted/],
  [
    'names a registry of its own',
    { packageJson: { publishConfig: { registry: 'https://npm.acme.example' } } },
    {},
    /it is published to https:\/\/npm\.acme\.example/,
  ],
  [
    'goes to a registry of its own',
    {},
    { npm_config_registry: 'https://npm.acme.example/' },
    /it is published to a registry of your own/,
  ],
];

describe('a package', () => {
  for (const [what, request, env, said] of PRIVATE) {
    it(`that ${what} is not named in a public log, and nobody is asked`, async () => {
      const packing = aPacking(services, { ...request, ...PUBLIC });
      const asked = services.tokens.received.length;
      const host = packing.host(env);
      assert.equal(await main(['sign'], host), 3);
      assert.match(
        host.stderr(),
        /^npmsign: @acme\/lib@1\.2\.3 is private .* \[PRIVATE_PACKAGE\]\n {2}Allow it in the policy/,
      );
      assert.match(host.stderr(), said);
      assert.deepEqual([packing.added(), services.tokens.received.length], [[], asked]);
    });

    it(`that ${what} is, where the policy allows it`, async () => {
      const sign = { publicLogForPrivatePackages: 'allow' };
      const host = aPacking(services, { ...request, ...PUBLIC, sign }).host(env);
      assert.equal(await main(['sign'], host), 3);
      // It went as far as the minted authority, which the public root does not trust.
      assert.match(host.stderr(), /\[CERTIFICATE_REFUSED\]/);
    });

    it(`that ${what} is written to a log of one's own`, async () => {
      const outcome = await sign(aPacking(services, request).host(env));
      assert.equal(outcome.kind, 'signed');
    });
  }

  for (const [what, packageJson] of [
    ['that says nothing', {}],
    ['that says public', { private: false, publishConfig: { access: 'public' } }],
    ['that names the public registry', { publishConfig: { registry: publicRegistry() } }],
  ] as const) {
    it(`${what} is named in a public log`, async () => {
      const host = aPacking(services, { packageJson, ...PUBLIC }).host();
      assert.equal(await main(['sign'], host), 3);
      assert.match(host.stderr(), /\[CERTIFICATE_REFUSED\]/);
    });
  }

  it('that goes to a declared mirror of the public registry is named, too', async () => {
    const mirror = 'https://mirror.acme.example/npm/';
    const policy = { ...PUBLIC.policy, registries: { [mirror]: { mirrorOf: 'npm' } } };
    const host = aPacking(services, { policy }).host({ npm_config_registry: mirror });
    assert.equal(await main(['sign'], host), 3);
    assert.match(host.stderr(), /\[CERTIFICATE_REFUSED\]/);
  });

  it('that is private packs unsigned where the policy does not insist', async () => {
    const packing = aPacking(services, {
      packageJson: { private: true },
      ...PUBLIC,
      sign: { required: false },
    });
    const host = packing.host();
    assert.equal(await main(['sign'], host), 0);
    assert.match(host.stderr(), /not signed|nothing signed/);
    assert.deepEqual(packing.added(), []);
  });
});

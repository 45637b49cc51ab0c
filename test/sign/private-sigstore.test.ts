/** A Sigstore of one's own: everything a signature needs comes from its TUF repository, the sign-in included. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sign } from '../../lib/author/index.ts';
import { type SigningServices, startSigningServices } from '../support/services/index.ts';
import { verifyByReference } from '../support/sigstore/reference.ts';
import { sigstoreTargets, startTufServer, type TufServer } from '../support/sigstore/tuf-server.ts';
import { aPacking } from './world.ts';

const ELSEWHERE = { CI: undefined, GITHUB_ACTIONS: undefined };

describe('a private Sigstore', () => {
  let services: SigningServices;
  let tuf: TufServer;
  before(async () => {
    services = await startSigningServices();
    const targets = new Map([
      ...sigstoreTargets(services.sigstore),
      ['signing_config.v0.2.json', JSON.stringify(signingConfig(services))],
    ]);
    tuf = await startTufServer(services.sigstore, { targets });
  });
  after(async () => {
    await services.close();
    await tuf.close();
  });

  function packing(identity: 'ambient' | 'interactive') {
    const sign = { fulcio: undefined, rekor: undefined, identity };
    const made = aPacking(services, {
      sign,
      policy: { trust: { root: { tuf: tuf.url, root: './root.json' } } },
    });
    writeFileSync(join(made.dir, 'root.json'), tuf.trustedRoot);
    return made;
  }

  it('names its services in its signing config: Rekor v2 with a timestamp', async () => {
    const made = packing('ambient');
    const outcome = await sign({ ...made.host(), now: new Date() });
    assert.equal(outcome.kind, 'signed', JSON.stringify(outcome));
    const { tlogEntries, timestampVerificationData } = made.bundle().verificationMaterial;
    assert.equal(tlogEntries[0].kindVersion.version, '0.0.2');
    assert.equal(timestampVerificationData.rfc3161Timestamps.length, 1);
    assert.ok(verifyByReference(made.bundle(), { sigstore: services.sigstore }));
  });

  it('lets a person sign in at its own provider', async () => {
    const made = packing('interactive');
    const host = { ...made.host(ELSEWHERE), now: new Date(), interactive: true };
    const outcome = await sign(host, {
      async openPage(page) {
        const { headers } = await fetch(page, { redirect: 'manual' });
        await fetch(headers.get('location') ?? assert.fail('no way back'));
      },
    });
    assert.equal(outcome.kind === 'signed' && outcome.identity.subject, 'alice@acme.example');
    assert.equal(
      outcome.kind === 'signed' && outcome.predicateType,
      'https://in-toto.io/attestation/release/v0.1',
    );
  });
});

function signingConfig({ fulcio, rekor, rekorV2, timestamps, tokens }: SigningServices): object {
  const service = (url: string, majorApiVersion = 1) => [
    { url, majorApiVersion, validFor: { start: '2022-01-01T00:00:00Z' }, operator: 'acme.example' },
  ];
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: service(fulcio.url),
    oidcUrls: service(tokens.signInUrl),
    rekorTlogUrls: [...service(rekor.url), ...service(rekorV2.url, 2)],
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: service(`${timestamps.url}/api/v1/timestamp`),
    tsaConfig: { selector: 'ANY' },
  };
}

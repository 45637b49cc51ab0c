/** The attacks of the demo: what each tampers with, and which check refuses it. */
import type { CheckId } from '../../lib/model/policy.ts';
import { type Project, publishCanary } from '../../test/support/project.ts';
import {
  replaceAttestations,
  stripAttestations,
  stripSignatures,
} from '../../test/support/registry/index.ts';
import type { Shop } from './shop.ts';

/** One attack. */
export type Attack = {
  readonly title: string;
  /** What the attacker did, in a sentence. */
  readonly tale: string;
  /** Makes a fresh project whose next install would bring the attack in. */
  readonly prepare: (shop: Shop) => Project;
  /** The checks that must fail, and no others. The first one is the one the summary names. */
  readonly refusedBy: readonly [CheckId, ...CheckId[]];
};

/** In the order they are shown: from crude to careful. */
export const attacks: readonly Attack[] = [
  {
    title: 'The lockfile is swapped',
    tale: 'A pull request changes two lines of package-lock.json: pad-right now points at another tarball on the same registry.',
    prepare: prepareSwap,
    refusedBy: ['lockfile-integrity', 'lockfile-resolved', 'registry-signature'],
  },
  {
    title: 'The mirror strips the signature',
    tale: 'Somebody between you and npm removes what the registry signed, so that there is nothing to check.',
    prepare(shop) {
      shop.registry.misbehave({ name: shop.pad.name }, stripSignatures);
      shop.registry.misbehave({ name: shop.pad.name }, stripAttestations);
      return shop.project();
    },
    refusedBy: ['registry-signature'],
  },
  {
    title: 'A worm publishes with a stolen token',
    tale: 'pad-right 1.3.1 is four hours old, properly signed by the registry, and has a preinstall script it never had before.',
    prepare: (shop) =>
      shop.project({
        pad: publishCanary(shop.registry, {
          ...{ name: shop.pad.name, version: '1.3.1', at: shop.daysAgo(4 / 24) },
          scripts: ['preinstall'],
        }),
      }),
    refusedBy: ['minimum-age', 'install-script'],
  },
  {
    title: 'Real provenance, of the wrong repository',
    tale: '@acme/lib 2.1.1 was built and attested by GitHub, but in a fork: acme-labs/lib, not acme/lib.',
    prepare: (shop) =>
      shop.project({ lib: attestedLib(shop, '2.1.1', { repository: 'https://github.com/acme-labs/lib' }) }),
    refusedBy: ['source-repository'],
  },
  {
    title: 'The right repository, a throwaway branch',
    tale: 'Write access is enough to push a branch: the release workflow ran on it, and 2.1.2 has perfect provenance.',
    prepare: (shop) => shop.project({ lib: attestedLib(shop, '2.1.2', { ref: 'refs/heads/snapshot-8f2c' }) }),
    refusedBy: ['source-ref'],
  },
  {
    title: 'The right tag, started by a stranger',
    tale: 'The release of 2.1.3 ran on pull_request_target: with the secrets of the repository and the code of a stranger.',
    prepare: (shop) => shop.project({ lib: attestedLib(shop, '2.1.3', { trigger: 'pull_request_target' }) }),
    refusedBy: ['build-trigger'],
  },
  {
    title: 'An honest attestation, replayed',
    tale: "2.1.4 was never built by anybody's workflow: the registry serves the genuine attestations of 2.1.0 for it.",
    prepare: prepareReplay,
    refusedBy: ['provenance'],
  },
];

function prepareSwap(shop: Shop): Project {
  const evil = publishCanary(shop.registry, { name: 'pad-wrong', version: '1.3.0', at: shop.daysAgo(30) });
  const { tarball, integrity } = evil.manifest.dist;
  return shop.project({}, ({ packages }) => {
    Object.assign(packages[`node_modules/${shop.pad.name}`] ?? {}, { resolved: tarball, integrity });
  });
}

function prepareReplay(shop: Shop): Project {
  const version = '2.1.4';
  const lib = attestedLib(shop, version, {});
  if (shop.lib.attestations === undefined)
    throw new Error('The honest release has no attestations to replay.');
  shop.registry.misbehave({ name: lib.name, version }, replaceAttestations(shop.lib.attestations));
  return shop.project({ lib });
}

type Built = { readonly repository?: string; readonly ref?: string; readonly trigger?: string };

/** A version of `@acme/lib` with provenance that is genuine, and tells on its maker. */
function attestedLib(shop: Shop, version: string, identity: Built): Shop['lib'] {
  return shop.publishLib({ version, at: shop.daysAgo(20), attest: { identity } });
}

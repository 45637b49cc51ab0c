/** Collects the publish and provenance attestations of one package, and proves them. */
import type { Manifest, Provenance, PublishAttestation } from '../model/evidence.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Proof, Told } from '../model/proof.ts';
import type { Context } from './collector.ts';

/** What attestations prove about one package. */
export type Attested = {
  readonly publish: Proof<PublishAttestation>;
  readonly provenance: Proof<Provenance>;
};

/** Asks for attestations only where the version's manifest announces some: most packages have none. */
export async function collectAttestations(
  pkg: ResolvedPackage,
  manifest: Told<Manifest>,
  context: Context,
): Promise<Attested> {
  if (manifest.status !== 'told') return both(manifest);
  if (!manifest.value.announcesAttestations) {
    return both({ status: 'absent', reason: 'the registry announces no attestation for this version' });
  }
  const response = await context.sources.registry.attestations(pkg);
  switch (response.status) {
    case 'told':
      return prove({ pkg, manifest: manifest.value, response: response.value }, context);
    case 'absent':
      // Announced, and then not served: somebody in between took it away (SPEC 4.6).
      return {
        publish: stripped('attestations'),
        provenance: manifest.value.announcesProvenance
          ? stripped('provenance')
          : { status: 'absent', reason: 'the registry announces no provenance for this version' },
      };
    case 'unavailable':
    case 'notApplicable':
      return both(response);
  }
}

type Served = {
  readonly pkg: ResolvedPackage;
  readonly manifest: Manifest;
  readonly response: unknown;
};

async function prove({ pkg, manifest, response }: Served, { keysOf, prover }: Context): Promise<Attested> {
  const keys = await keysOf(pkg);
  const { publish, provenance } = await prover.attestations({
    id: pkg.id,
    integrity: pkg.integrity,
    response,
    keys: keys.status === 'told' ? keys.value : [],
  });
  return {
    publish: publishWith(keys, publish, provenance),
    provenance:
      provenance.status === 'absent' && manifest.announcesProvenance ? stripped('provenance') : provenance,
  };
}

/** Without the registry's keys a publish attestation is neither proved nor refuted. */
function publishWith(
  keys: Told<unknown>,
  publish: Proof<PublishAttestation>,
  provenance: Proof<Provenance>,
): Proof<PublishAttestation> {
  if (publish.status === 'absent' && provenance.status === 'absent') return stripped('attestations');
  if (keys.status === 'told' || publish.status !== 'refuted') return publish;
  const reason =
    keys.status === 'absent' ? 'the registry publishes no keys to verify it with' : (keys.reason ?? '');
  return { status: 'unavailable', reason };
}

function stripped(what: string): { readonly status: 'refuted'; readonly reason: string } {
  return {
    status: 'refuted',
    reason: `stripped: the registry announces ${what} for this version and serves none`,
  };
}

function both(told: Exclude<Told<unknown>, { readonly status: 'told' }>): Attested {
  return { publish: told, provenance: told };
}

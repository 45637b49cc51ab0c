/** Collects and proves everything the checks need to know about every package of a tree. */
import type { Evidence, History } from '../model/evidence.ts';
import type { ResolvedPackage, Tree } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import { createProver } from '../proving/index.ts';
import { isBeforeProvenance } from '../text/before-provenance.ts';
import { collectAttestations } from './attestations.ts';
import { type Context, noEvidence, type Sources } from './collector.ts';
import { createKeysOf } from './keys.ts';
import { pooled } from './pool.ts';
import { isProved, provedKey } from './proved.ts';
import { withPublishTime } from './publish-time.ts';
import { collectSignature } from './signature.ts';

export type { Sources, Wants } from './collector.ts';

/** Called after each package; `total` never changes during a run. */
export type OnCollected = (progress: { readonly done: number; readonly total: number }) => void;

/** Evidence by package key, for every package of the tree. One package's trouble never loses another's evidence. */
export async function collectEvidence(
  tree: Tree,
  sources: Sources,
  onCollected?: OnCollected,
): Promise<ReadonlyMap<string, Evidence>> {
  const prover = createProver({
    ...sources,
    expected: sources.recalled === undefined ? tree.packages.length : 0,
  });
  const context: Context = { sources, keysOf: createKeysOf(sources), prover };
  const found = new Map<string, Evidence>();
  const shared = new Map<string, Promise<Evidence>>();
  await pooled(tree.packages, sources.concurrency, async (pkg) => {
    const same = sameBytes(pkg);
    const evidence = shared.get(same) ?? collectOne(pkg, context);
    shared.set(same, evidence);
    found.set(pkg.key, await evidence);
    onCollected?.({ done: found.size, total: tree.packages.length });
  }).finally(prover.close);
  return found;
}

/** A version that lies in the tree twice is asked for once, as long as the lockfile pins the same bytes from the same place. */
function sameBytes({ id, source, integrity }: ResolvedPackage): string {
  return JSON.stringify([id.name, id.version, source, integrity?.text]);
}

async function collectOne(pkg: ResolvedPackage, context: Context): Promise<Evidence> {
  if (pkg.source.kind !== 'registry') return noEvidence(`a ${pkg.source.kind} package is in no registry`);
  const { sources } = context;
  const key = sources.recalled && provedKey(pkg, sources);
  const known = key === undefined ? undefined : sources.recalled?.find(key);
  const evidence = known ?? (await proveOne(pkg, context));
  if (key !== undefined && known === undefined && isProved(pkg, evidence))
    sources.recalled?.keep(key, evidence);
  return { ...evidence, history: await collectHistory(pkg, evidence, sources) };
}

/** Everything but earlier versions, of which there can be many. */
async function proveOne(pkg: ResolvedPackage, context: Context): Promise<Evidence> {
  const manifest = await context.sources.registry.manifest(pkg);
  const attested = await collectAttestations(pkg, manifest, context);
  const signature = await collectSignature(pkg, { manifest, attested }, context);
  return {
    signature,
    publish: attested.publish,
    provenance: attested.provenance,
    manifest: await withPublishTime(pkg, { manifest, attested }, context.sources),
    history: { status: 'notApplicable', reason: 'not asked yet' },
  };
}

/** Earlier versions matter only where this one has less proof than it could have. */
async function collectHistory(
  pkg: ResolvedPackage,
  evidence: Evidence,
  { registry, wants }: Sources,
): Promise<Told<History>> {
  const { provenance } = evidence;
  if (provenance.status === 'proved' || !wants.history(pkg)) {
    return { status: 'notApplicable', reason: 'no check asks for earlier versions' };
  }
  if (isBeforeProvenance(evidence)) {
    return { status: 'notApplicable', reason: 'published before there was provenance' };
  }
  // A registry that did not answer about this version is not asked about the others.
  if (provenance.status === 'unavailable') return provenance;
  return registry.history(pkg);
}

/** Collects and proves everything the checks need to know about every package of a tree. */
import type { Evidence, History } from '../model/evidence.ts';
import type { ResolvedPackage, Tree } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import { createProver, type Prover } from '../proving/index.ts';
import { isBeforeProvenance } from '../text/before-provenance.ts';
import { collectAttestations } from './attestations.ts';
import { type CollectContext, type Context, noEvidence, type Sources } from './collector.ts';
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
  const found = new Map(tree.packages.flatMap((pkg) => recalledAs(pkg, sources)));
  const open = tree.packages.filter(({ key }) => !found.has(key));
  const prover = createProver({ ...sources, expected: open.filter((pkg) => isNew(pkg, sources)).length });
  const context = contextOf(sources, prover);
  const shared = new Map<string, Promise<Evidence>>();
  await pooled(open, sources.concurrency, async (pkg) => {
    const same = sameBytes(pkg);
    const evidence = shared.get(same) ?? collectOne(pkg, context);
    shared.set(same, evidence);
    found.set(pkg.key, await evidence);
    onCollected?.({ done: found.size, total: tree.packages.length });
  }).finally(prover.close);
  return found;
}

function contextOf(sources: Sources, prover: Prover): CollectContext {
  const made: { again?: Context } = {};
  return {
    ...{ sources, prover, keysOf: createKeysOf(sources) },
    afresh() {
      const questions = made.again === undefined ? sources.registry.afresh() : undefined;
      if (questions === undefined) return made.again;
      const again = { ...sources, registry: { ...sources.registry, ...questions } };
      made.again = { sources: again, prover, keysOf: createKeysOf(again) };
      return made.again;
    },
  };
}

/** With its key, where an earlier run found out all there is to know. */
function recalledAs(pkg: ResolvedPackage, sources: Sources): readonly (readonly [string, Evidence])[] {
  if (sources.recalled === undefined || sources.wants.history(pkg)) return [];
  const key = provedKey(pkg, sources);
  const evidence = key === undefined ? undefined : sources.recalled.find(key);
  return evidence === undefined ? [] : [[pkg.key, evidence]];
}

/** Has nobody proved it before, for sure? Where earlier versions count, that turns out later. */
function isNew(pkg: ResolvedPackage, { recalled, wants }: Sources): boolean {
  return recalled === undefined || !wants.history(pkg);
}

/** A version that lies in the tree twice is asked for once, as long as the lockfile pins the same bytes from the same place. */
function sameBytes({ id, alias, source, integrity }: ResolvedPackage): string {
  // By another name of it, a policy may ask for more.
  return JSON.stringify([id.name, id.version, alias ?? null, source, integrity?.text]);
}

async function collectOne(pkg: ResolvedPackage, context: CollectContext): Promise<Evidence> {
  if (pkg.source.kind !== 'registry') return noEvidence(`a ${pkg.source.kind} package is in no registry`);
  const { sources } = context;
  const key = sources.recalled && provedKey(pkg, sources);
  const known = key === undefined ? undefined : sources.recalled?.find(key);
  const proved = known ?? (await proveTwice(pkg, context));
  const history = await collectHistory(pkg, proved, sources);
  const isWhole = history.status === 'notApplicable';
  // What was remembered with these very words is all there is to know.
  if (known !== undefined && isWhole && isSameReason(known.history, history)) return known;
  const evidence = { ...proved, history };
  if (key !== undefined && known === undefined && isProved(pkg, evidence)) {
    // Earlier versions are not remembered: a registry adds to them.
    sources.recalled?.keep(key, isWhole ? evidence : proved);
  }
  return evidence;
}

function isSameReason(before: Told<History>, now: Told<History>): boolean {
  return before.status === 'notApplicable' && now.status === before.status && now.reason === before.reason;
}

/**
 * What does not hold may only be an answer that was wrong once, and kept; or a key that is newer than the list of keys that was kept. Before
 * anybody is told not to install it, the registry is asked itself.
 */
async function proveTwice(pkg: ResolvedPackage, context: CollectContext): Promise<Evidence> {
  const evidence = await proveOne(pkg, context);
  const { signature, publish, provenance } = evidence;
  const isRefuted = [signature, publish, provenance].some(({ status }) => status === 'refuted');
  const again = isRefuted ? context.afresh() : undefined;
  return again === undefined ? evidence : proveOne(pkg, again);
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

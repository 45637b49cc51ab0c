/** Finds when a version was published: proved by a log entry, or told by the cheapest source that knows (SPEC 4.8). */
import type { Manifest, ToldTime } from '../model/evidence.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import type { Attested } from './attestations.ts';
import type { Sources } from './collector.ts';

const DAY = 86_400_000;

/** A publish time, ISO 8601, and whether a log entry proves it. */
export type PublishTime = { readonly at: string; readonly proved: boolean };

/** The best publish time there is: proved first, then the manifest's own stamp, then the full packument. */
export async function publishTime(
  pkg: ResolvedPackage,
  known: { readonly manifest: Manifest; readonly attested: Attested },
  sources: Sources,
): Promise<PublishTime | undefined> {
  const proved = provedTime(known.attested);
  if (proved !== undefined) return { at: proved, proved: true };
  const told = known.manifest.publishedAt ?? (await packumentTime(pkg, sources));
  return told === undefined ? undefined : { at: told.at, proved: false };
}

/** Fills in the manifest's publish time where a check needs it and nothing cheaper states one. */
export async function withPublishTime(
  pkg: ResolvedPackage,
  known: { readonly manifest: Told<Manifest>; readonly attested: Attested },
  sources: Sources,
): Promise<Told<Manifest>> {
  const { manifest, attested } = known;
  const days = sources.wants.minimumAge(pkg);
  if (days === undefined || manifest.status !== 'told') return manifest;
  if (manifest.value.publishedAt !== undefined || provedTime(attested) !== undefined) return manifest;
  const publishedAt = (await modifiedTime(pkg, days, sources)) ?? (await packumentTime(pkg, sources));
  return publishedAt === undefined ? manifest : { status: 'told', value: { ...manifest.value, publishedAt } };
}

/** When the log saw the publish, or failing that the build. */
function provedTime({ publish, provenance }: Attested): string | undefined {
  if (publish.status === 'proved' && publish.value.loggedAt !== undefined) return publish.value.loggedAt;
  return provenance.status === 'proved' ? provenance.value.loggedAt : undefined;
}

/** The abbreviated packument's last change is an upper bound: if even that is old enough, nothing more is asked. */
async function modifiedTime(
  pkg: ResolvedPackage,
  days: number,
  { registry, now }: Sources,
): Promise<ToldTime | undefined> {
  const modified = await registry.modified(pkg);
  if (modified.status !== 'told') return undefined;
  const age = now.getTime() - Date.parse(modified.value);
  return age >= days * DAY ? { at: modified.value, from: 'modified' } : undefined;
}

async function packumentTime(pkg: ResolvedPackage, { registry }: Sources): Promise<ToldTime | undefined> {
  const history = await registry.history(pkg);
  if (history.status !== 'told') return undefined;
  const at = history.value.versions.find(({ version }) => version === pkg.id.version)?.publishedAt;
  return at === undefined ? undefined : { at, from: 'packument' };
}

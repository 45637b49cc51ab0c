/** Stories in which proof lapses, or times tell nothing; and the thief who may end any story. */
import semver from 'semver';
import { diceFor, type Release, type Sequence } from './releases.ts';
import {
  type Due,
  groupOf,
  type How,
  isStable,
  quiet,
  sceneFor,
  sinceAdoption,
  type Told,
  undated,
} from './telling.ts';

const DAY = 86_400_000;

/** Provenance from some release on, and kept. */
export const KEPT = quiet('adopted, and kept', sinceAdoption('token with provenance'));

/** A release by a thief with a stolen token, one step away from a release with proof; `undefined` where no release has any. */
export function thiefAfter(told: readonly Told[]): Told | undefined {
  const last = told.findLast(({ how, unpublished }) => how !== 'by hand' && unpublished !== true);
  if (last === undefined) return undefined;
  const rivals = told.filter(({ version }) => groupOf(version) === groupOf(last.version));
  const highest =
    rivals
      .map(({ version }) => version)
      .sort(semver.compare)
      .at(-1) ?? last.version;
  const version =
    semver.prerelease(highest) === null
      ? new semver.SemVer(highest).inc('patch').version
      : `${highest.replace(/\+.*/, '')}.1`;
  const latest = Math.max(...told.map(({ at }) => at ?? 0));
  // Where no times are told, none is told of the thief's release either.
  const at = last.at === undefined ? undefined : latest + 3_600_000;
  return { version, at, deprecated: false, how: 'by hand', due: 'alarm' };
}

/** How many patches with proof must follow another in their minors before times in any order show that they are none of publishing. */
const TELLING = 12;

/** Adopted and kept, and told with the times of a mirror's copies, which are in no order. */
export function copies(sequence: Sequence): readonly Told[] | undefined {
  const told = KEPT.tell(sequence) ?? [];
  const proved = told.filter((one) => isStable(one) && one.how !== 'by hand');
  const minors = new Set(proved.map(({ version }) => `${semver.major(version)}.${semver.minor(version)}`));
  // Of the releases in a minor, each but the first follows another.
  if (proved.length - minors.size < TELLING) return undefined;
  const roll = diceFor(`copies ${sequence.name}`);
  return undated(told, () => Date.UTC(2024, 9, 1) + roll(500) * DAY);
}

/** Adopted and kept, but for one stable release in a line that has had provenance before. */
export function oneHotfix(sequence: Sequence): readonly Told[] | undefined {
  const told = KEPT.tell(sequence) ?? [];
  const candidates = told.filter((one) => isStable(one) && one.how !== 'by hand' && hadProof(told, one));
  const hotfix = candidates[diceFor(sequence.name)(Math.max(1, candidates.length))];
  if (hotfix === undefined) return undefined;
  return told.map((one) => (one === hotfix ? { ...one, how: 'by hand', due: 'alarm' } : one));
}

/** Provenance for a while; then never again, everywhere or on the line that is no more the newest. */
export function backToHand(
  sequence: Sequence,
  where: 'everywhere' | 'old line',
): readonly Told[] | undefined {
  const { onNewLine, roll } = sceneFor(sequence, where);
  let left = 3 + roll(3);
  const seen: Release[] = [];
  const told = sequence.releases.map((release): Told => {
    const isOld = seen.some((other) => semver.major(other.version) > semver.major(release.version));
    seen.push(release);
    const byHand = where === 'everywhere' ? onNewLine(release) && left-- <= 0 : isOld;
    const how: How = onNewLine(release) && !byHand ? 'trusted publisher' : 'by hand';
    return { ...release, how, due: 'none' };
  });
  const due = told.map((one) => ({
    ...one,
    due: one.how === 'by hand' ? dueOf(told, one) : ('none' as const),
  }));
  return due.some((one) => one.due === 'alarm') ? due : undefined;
}

/** The first release by hand in a line that had proof is worth an alarm; once one has stood for thirty days, it is what the project does. */
function dueOf(told: readonly Told[], one: Told): Due {
  // Below 1 every minor is a line of its own to some projects, and to others none is.
  if (semver.major(one.version) === 0) return 'either';
  if (!hadProof(told, one)) return 'none';
  const before = earlierInGroup(told, one).filter(({ how }) => how === 'by hand');
  const lastProof = Math.max(
    ...earlierInGroup(told, one).map(({ how, at }) => (how === 'by hand' ? 0 : (at ?? 0))),
  );
  const since = before.filter(({ at, deprecated }) => !deprecated && (at ?? 0) > lastProof);
  if (since.length === 0) return 'alarm';
  // What stands must be newer by its number as well: an older minor mended by hand says nothing about the newest.
  const proved = earlierInGroup(told, one).filter(
    ({ how, version }) => how !== 'by hand' && semver.lt(version, one.version),
  );
  const stands = since.filter(({ version }) => proved.every((other) => semver.lt(other.version, version)));
  return stands.some(({ at }) => (at ?? 0) + 31 * DAY < (one.at ?? 0)) ? 'none' : 'either';
}

function hadProof(told: readonly Told[], one: Told): boolean {
  return earlierInGroup(told, one).some(({ how }) => how !== 'by hand');
}

function earlierInGroup(told: readonly Told[], one: Told): readonly Told[] {
  return told.filter(
    ({ version, at }) => groupOf(version) === groupOf(one.version) && (at ?? 0) < (one.at ?? 0),
  );
}

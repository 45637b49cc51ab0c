/** Finds the earlier releases that a release can fairly be compared with. */
import type { HistoryEntry } from '../model/evidence.ts';
import type { Subject } from './define.ts';
import { publishTimeOf } from './publish-time.ts';
import { contradictNumbers, SETTLED } from './release-times.ts';
import { timeOf } from './time.ts';
import { isBefore, type Version, versionOf } from './version.ts';

/** What a version is compared with: its major line, or every version. */
export type Baseline = 'major' | 'all';

/** An earlier release, as the registry tells of it. */
export type Release = {
  readonly entry: HistoryEntry;
  readonly parts: Version;
  readonly at: number | undefined;
  /** Certainly earlier: by two times that differ, or as a lower patch of one minor. A lower minor may have been mended since. */
  readonly isSure: boolean;
};

/** The releases that share a channel with the judged one, and when that was published, where a time tells. */
export type Timeline = {
  readonly judged: Version;
  readonly at: number | undefined;
  readonly others: readonly Release[];
};

/** Every other release of the judged one's channel. Times that cannot be those of publishing count as missing. */
export function timelineOf(subject: Subject, entries: readonly HistoryEntry[], judged: Version): Timeline {
  const told = publishedAt(subject);
  const isTold = told !== undefined && !contradictNumbers(entries, told);
  const ownAt = isTold ? told : undefined;
  const others = entries.flatMap((entry) => {
    const parts = versionOf(entry.version);
    if (parts === undefined || entry.version === subject.package.id.version) return [];
    if (channelOf(parts) !== channelOf(judged)) return [];
    const at = isTold && entry.publishedAt !== undefined ? timeOf(entry.publishedAt) : undefined;
    const isSure = isDated({ at }, ownAt) || isSameMinor(parts, judged);
    return [{ entry, parts, at, isSure }];
  });
  return { judged, at: ownAt, others };
}

/** The releases before this one, of its line. */
export function earlierInLine({ judged, at, others }: Timeline, baseline: Baseline): readonly Release[] {
  const earlier = others.filter((release) => isEarlier(release, { judged, at }));
  return baseline === 'all' ? earlier : inLine(earlier, judged);
}

/** Is there a higher number in its major? Then it is not what most ranges pick. */
export function hasHigherInMajor({ judged, others }: Timeline): boolean {
  return others.some(({ parts }) => parts.numbers[0] === judged.numbers[0] && isBefore(judged, parts));
}

/**
 * The release with which the project gave up some proof for good: the latest one that lacks it, was published after every one that has it, and had
 * stood for thirty days, undeprecated, when the judged one was published. Only told times count: a release of unknown date may be minutes old. An
 * older minor mended by hand is no practice for newer ones, so it must also be numbered after all that have the proof and are below the judged one.
 */
export function practiceSince(
  { judged, at }: Timeline,
  releases: readonly Release[],
  lacks: (release: Release) => boolean,
): Release | undefined {
  const proved = releases.filter((release) => !lacks(release));
  if (at === undefined || proved.some((release) => release.at === undefined)) return undefined;
  const last = proved.reduce((found, release) => Math.max(found, release.at ?? 0), 0);
  const below = proved.filter(({ parts }) => isBefore(parts, judged));
  return releases
    .filter((release) => lacks(release) && !release.entry.deprecated)
    .filter((release) => release.at !== undefined && release.at > last && release.at <= at - SETTLED)
    .filter((release) => below.every(({ parts }) => isBefore(parts, release.parts)))
    .at(-1);
}

function publishedAt(subject: Subject): number | undefined {
  const published = publishTimeOf(subject);
  return published.kind === 'proved' || published.kind === 'told' ? published.at : undefined;
}

/** By time where both times are known and differ: a mirror may have imported everything at once. By number otherwise. */
function isEarlier(release: Release, { judged, at }: Pick<Timeline, 'judged' | 'at'>): boolean {
  if (at === undefined || release.at === undefined || release.at === at)
    return isBefore(release.parts, judged);
  return release.at < at;
}

function isDated({ at }: Pick<Release, 'at'>, other: number | undefined): boolean {
  return at !== undefined && other !== undefined && at !== other;
}

function isSameMinor(a: Version, b: Version): boolean {
  return a.numbers[0] === b.numbers[0] && a.numbers[1] === b.numbers[1];
}

/**
 * The same major version. Below 1 a minor version may break what came before, so an older minor that is mended after a newer one is out is a
 * backport there, and is compared with its own minor.
 */
function inLine(releases: readonly Release[], { numbers: [major, minor = 0n] }: Version): readonly Release[] {
  const line = releases.filter(({ parts }) => parts.numbers[0] === major);
  const isBackport = major === 0n && line.some(({ parts }) => (parts.numbers[1] ?? 0n) > minor);
  return isBackport ? line.filter(({ parts }) => parts.numbers[1] === minor) : line;
}

/**
 * Stable, or the name of a prerelease's channel: `beta` of `2.0.0-beta.1`. Channels are often published in different ways, nightly builds from a
 * branch beside a release candidate by hand.
 */
function channelOf({ prerelease }: Version): string {
  const [first] = prerelease;
  if (first === undefined) return 'stable';
  return `prerelease ${/^\d/.test(first) ? '' : first.replace(/\d.*$/, '')}`;
}

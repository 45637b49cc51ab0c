/** Finds the earlier releases that a release can fairly be compared with. */
import type { HistoryEntry } from '../model/evidence.ts';
import type { Subject } from './define.ts';
import { publishTimeOf } from './publish-time.ts';
import { timeOf } from './time.ts';
import { isBefore, type Version, versionOf } from './version.ts';

const DAY = 86_400_000;

/** How long a release must have stood, neither withdrawn nor deprecated, before it counts as the project's own practice. */
const SETTLED = 30 * DAY;

/** What a version is compared with: its major line, or every version. */
export type Baseline = 'major' | 'all';

/** An earlier release, as the registry tells of it. */
export type Release = {
  readonly entry: HistoryEntry;
  readonly parts: Version;
  readonly at: number | undefined;
};

type Judged = { readonly judged: Version; readonly baseline: Baseline };

/** The releases before this one, of its line and its channel. */
export function earlierInLine(
  subject: Subject,
  entries: readonly HistoryEntry[],
  { judged, baseline }: Judged,
): readonly Release[] {
  const at = publishedAt(subject);
  const earlier = entries.flatMap((entry) => {
    const parts = versionOf(entry.version);
    if (parts === undefined || entry.version === subject.package.id.version) return [];
    const release = {
      entry,
      parts,
      at: entry.publishedAt === undefined ? undefined : timeOf(entry.publishedAt),
    };
    return isEarlier(release, { judged, at }) && channelOf(parts) === channelOf(judged) ? [release] : [];
  });
  return baseline === 'all' ? earlier : inLine(earlier, judged);
}

/**
 * The release with which the project gave up some proof for good: the latest one that lacks it, was published after every one that has it, and had
 * stood for thirty days, undeprecated, when this one was published. Only told times count: a release of unknown date may be minutes old.
 */
export function practiceSince(
  subject: Subject,
  releases: readonly Release[],
  lacks: (release: Release) => boolean,
): Release | undefined {
  const at = publishedAt(subject);
  const proved = releases.filter((release) => !lacks(release)).map((release) => release.at);
  if (at === undefined || proved.includes(undefined)) return undefined;
  const last = proved.reduce<number>((found, next) => Math.max(found, next ?? 0), 0);
  return releases
    .filter((release) => lacks(release) && !release.entry.deprecated)
    .filter((release) => release.at !== undefined && release.at > last && release.at <= at - SETTLED)
    .at(-1);
}

function publishedAt(subject: Subject): number | undefined {
  const published = publishTimeOf(subject);
  return published.kind === 'proved' || published.kind === 'told' ? published.at : undefined;
}

/** By time where both times are known and differ: a mirror may have imported everything at once. By number otherwise. */
function isEarlier(
  release: Release,
  { judged, at }: { readonly judged: Version; readonly at: number | undefined },
): boolean {
  if (at === undefined || release.at === undefined || release.at === at)
    return isBefore(release.parts, judged);
  return release.at < at;
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

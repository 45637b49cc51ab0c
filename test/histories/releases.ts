/** Release sequences of packages, real or invented: what was published when, without saying how. */
import { createHash } from 'node:crypto';
import semver from 'semver';
import { fieldOf, isObject, objectIn } from '../../lib/registry/json.ts';

/** One release, as every registry tells it. */
export type Release = {
  readonly version: string;
  /** Milliseconds since the epoch; `undefined` where the registry does not tell. */
  readonly at: number | undefined;
  readonly deprecated: boolean;
};

/** The releases of one name, first published first. */
export type Sequence = {
  readonly name: string;
  readonly releases: readonly Release[];
  /** The registry's times were none of publishing, so that these are invented. */
  readonly isDatedByNumber?: true;
};

/**
 * Reads the sequence out of a packument as served. A mirror may tell when it fetched each version, which is no order of publishing: then dates are
 * invented, by the numbers.
 */
export function sequenceIn(packument: unknown, name: string): Sequence {
  const json = isObject(packument) ? packument : {};
  const time = objectIn(json, 'time');
  const releases = Object.entries(objectIn(json, 'versions')).flatMap(([version, manifest]): Release[] => {
    const at = Date.parse(String(fieldOf(time, version)));
    const deprecated = isObject(manifest) && Boolean(fieldOf(manifest, 'deprecated'));
    // What npm took for a version in its first years is not compared with anything.
    return semver.valid(version) === null || Number.isNaN(at) ? [] : [{ version, at, deprecated }];
  });
  const sorted = releases.toSorted(byNumber);
  if (!isOutOfOrder(sorted)) return { name, releases: releases.sort(byTime) };
  return { name, releases: datedByNumber(sorted, diceFor(name)), isDatedByNumber: true };
}

/** Is any release dated before the one it follows in its minor, or the first release of a minor before that of an older one? */
function isOutOfOrder(sorted: readonly Release[]): boolean {
  const stable = sorted.filter(({ version }) => semver.prerelease(version) === null);
  const firsts = stable.filter(
    (release, index) => minorOf(stable[index - 1] ?? release) !== minorOf(release),
  );
  const pairs = [
    ...neighbours(sorted).filter(([earlier, later]) => minorOf(earlier) === minorOf(later)),
    ...neighbours(firsts).filter(
      ([earlier, later]) => semver.major(earlier.version) === semver.major(later.version),
    ),
  ];
  return pairs.some(([earlier, later]) => (earlier.at ?? 0) > (later.at ?? 0));
}

function neighbours(releases: readonly Release[]): readonly (readonly [Release, Release])[] {
  return releases.flatMap((later, index) => {
    const earlier = releases[index - 1];
    return earlier === undefined ? [] : [[earlier, later] as const];
  });
}

/** Minor after minor, two weeks between releases; but of every third minor, the last patches come up to two years late, as backports. */
function datedByNumber(sorted: readonly Release[], roll: Dice): readonly Release[] {
  const gap = Math.min(14 * DAY, (4000 * DAY) / sorted.length);
  const start = Date.UTC(2024, 0, 1) - sorted.length * gap;
  const isMendedLate = new Map([...new Set(sorted.map(minorOf))].map((minor) => [minor, roll(3) === 0]));
  let late = 0;
  return sorted
    .map((release, index): Release => {
      const isPatch = semver.patch(release.version) > 0 && semver.prerelease(release.version) === null;
      const isFirst = index === 0 || minorOf(sorted[index - 1] as Release) !== minorOf(release);
      if (isFirst) late = 0;
      if (isPatch && !isFirst && isMendedLate.get(minorOf(release)) === true) late += roll(60) * DAY;
      return {
        ...release,
        at: start + index * gap + Math.min(late, 730 * DAY),
      };
    })
    .sort(byTime);
}

function minorOf({ version }: Release): string {
  return `${semver.major(version)}.${semver.minor(version)}`;
}

const DAY = 86_400_000;

/**
 * Invents what a project might have released in some years: patches, minors and majors, prereleases on several channels, backports to older minors
 * and majors, two releases in one minute, and now and then a deprecated one. The same seed gives the same sequence.
 */
export function inventedSequence(seed: string): Sequence {
  const roll = diceFor(seed);
  // The newest patch of every minor, oldest minor first.
  const minors: Minor[] = [{ major: roll(3) === 0 ? 0 : 1, minor: 0, patch: 0 }];
  let at = Date.UTC(2021, roll(12), 1 + roll(28));
  const releases: Release[] = [];
  for (let step = 0; step < 30 + roll(30); step++) {
    for (const version of nextFrom(minors, roll)) {
      releases.push({ version, at, deprecated: roll(25) === 0 });
      at += roll(12) === 0 ? 60_000 : Math.floor((roll(1000) / 1000) * 25 * DAY) + 60_000;
    }
  }
  return { name: `invented-${seed}`, releases: releases.sort(byTime) };
}

type Minor = { readonly major: number; readonly minor: number; patch: number };

/** What is published next. */
function nextFrom(minors: Minor[], roll: Dice): readonly string[] {
  const newest = minors.at(-1) ?? { major: 1, minor: 0, patch: 0 };
  const kind = roll(12);
  if (kind === 0) {
    const next = { major: newest.major + 1, minor: 0, patch: 0 };
    minors.push(next);
    return [...trainBefore(next, roll), textOf(next)];
  }
  if (kind <= 3) {
    const next = { major: newest.major, minor: newest.minor + 1, patch: 0 };
    minors.push(next);
    return kind === 1 ? [`${textOf(next)}-canary.${roll(9999)}`, textOf(next)] : [textOf(next)];
  }
  const mended = (kind <= 6 ? minors[roll(minors.length)] : undefined) ?? newest;
  mended.patch++;
  return [textOf(mended)];
}

function trainBefore(next: Minor, roll: Dice): readonly string[] {
  const channel = oneOf(roll, ['beta.', 'rc.', 'alpha.', 'next-', '']);
  return Array.from({ length: 1 + roll(4) }, (_, n) => `${textOf(next)}-${channel}${n}`);
}

function textOf({ major, minor, patch }: Minor): string {
  return `${major}.${minor}.${patch}`;
}

/** One of these, by the dice. */
export function oneOf<T>(roll: Dice, choices: readonly [T, ...T[]]): T {
  return choices[roll(choices.length)] ?? choices[0];
}

/** A number below the one given; the same seed gives the same numbers. */
export type Dice = (below: number) => number;

/** Dice that follow from a seed. */
export function diceFor(seed: string): Dice {
  let count = 0;
  return (below) => {
    const digest = createHash('sha256').update(`${seed} ${count++}`).digest();
    return digest.readUInt32BE(0) % below;
  };
}

function byTime(a: Release, b: Release): number {
  return (a.at ?? 0) - (b.at ?? 0) || byNumber(a, b);
}

function byNumber(a: Release, b: Release): number {
  return semver.compareBuild(a.version, b.version);
}

/** What a story is, and what stories are told with. */
import semver from 'semver';
import { type Dice, diceFor, type Release, type Sequence } from './releases.ts';

/** How a release was published. */
export type How =
  | 'by hand'
  | 'token with provenance'
  | 'trusted publisher'
  | 'trusted, private repository'
  | 'staged'
  | 'staged, provenance lost';

/** What a maintainer of the project would say of an alarm: none is due, one is due, or either is fair. */
export type Due = 'none' | 'alarm' | 'either';

/** One release in a story. */
export type Told = Release & {
  readonly how: How;
  readonly due: Due;
  /** Still in the registry's list of times, no more in its list of versions. */
  readonly unpublished?: true;
};

/** One way in which histories go. `undefined` where a sequence has nothing for it to happen to. */
export type Story = {
  readonly title: string;
  /** Told without times that give an order: then an answer may be that it cannot be found out. */
  readonly isUndated?: true;
  /** Whether it ends with the project's proof in use, so that a thief's release without any stands out. */
  readonly ends: 'with proof' | 'without';
  readonly tell: (sequence: Sequence) => readonly Told[] | undefined;
};

/** What a story knows of the project it is told about. */
export type Scene = {
  /** Published after the project adopted provenance. */
  readonly adopted: (release: Release) => boolean;
  /** Adopted, and on a line that was the newest then, or is newer. */
  readonly onNewLine: (release: Release) => boolean;
  readonly roll: Dice;
};

/** Says how each release was published, asked in order. */
export type Published = (release: Release) => How;

/** In this way from the adoption on, and by hand before. */
export function sinceAdoption(how: How): (scene: Scene) => Published {
  return ({ adopted }) =>
    (release) =>
      adopted(release) ? how : 'by hand';
}

/** By a trusted publisher on lines that have adopted it, and by hand on older ones. */
export function onNewLines({ onNewLine }: Scene): Published {
  return (release) => (onNewLine(release) ? 'trusted publisher' : 'by hand');
}

/** A story in which no alarm is due. `change` alters what is told of the releases. */
export function quiet(
  title: string,
  publish: (scene: Scene) => Published,
  change: (told: readonly Told[], roll: Dice) => readonly Told[] = (told) => told,
): Story {
  return {
    title,
    ends: 'with proof',
    tell(sequence) {
      const scene = sceneFor(sequence, title);
      const howOf = publish(scene);
      const told = sequence.releases.map(
        (release): Told => ({ ...release, how: howOf(release), due: 'none' }),
      );
      const tells = title === 'never any provenance' || told.some(({ how }) => how !== 'by hand');
      return tells ? change(told, scene.roll) : undefined;
    },
  };
}

/** Other times, or none. The highest number of its kind then looks like the newest, and an alarm is fair: nothing says that it is not. */
export function undated(told: readonly Told[], timeOf: (one: Told) => number | undefined): readonly Told[] {
  const isHighest = (one: Told): boolean =>
    !told.some(({ version }) => rangeOf(version) === rangeOf(one.version) && semver.gt(version, one.version));
  return told.map((one) => ({ ...one, at: timeOf(one), due: isHighest(one) ? 'either' : one.due }));
}

/** Adoption comes somewhere between the second release and the last but one. */
export function sceneFor({ name, releases }: Sequence, title: string): Scene {
  const roll = diceFor(`${title} ${name}`);
  const at = 1 + roll(Math.max(1, releases.length - 2));
  const since = new Set(releases.slice(at));
  const newest =
    releases
      .slice(0, at + 1)
      .map(lineOf)
      .sort(semver.compare)
      .at(-1) ?? '0.0.0';
  const adopted = (release: Release): boolean => since.has(release);
  return { adopted, onNewLine: (release) => adopted(release) && semver.gte(lineOf(release), newest), roll };
}

/** The first version of the line: a major, and below 1 a minor. */
function lineOf({ version }: Release): string {
  const { major, minor } = new semver.SemVer(version);
  return major === 0 ? `0.${minor}.0` : `${major}.0.0`;
}

/** What a release is fairly compared with by everybody: its major, below 1 its minor, and its kind of prerelease. */
export function groupOf(version: string): string {
  const { major, minor } = new semver.SemVer(version);
  return major === 0 ? `${minor} of ${rangeOf(version)}` : rangeOf(version);
}

/** What it competes with for being the newest: its major, and its kind of prerelease. */
function rangeOf(version: string): string {
  const [channel] = semver.prerelease(version) ?? ['stable'];
  return `${semver.major(version)} ${typeof channel === 'number' ? '' : String(channel).replace(/\d.*$/, '')}`;
}

/** Is it no prerelease? */
export function isStable({ version }: Release): boolean {
  return semver.prerelease(version) === null;
}

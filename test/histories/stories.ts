/** How real projects come to use provenance, keep it, and lose it: each story says how every release of a sequence was published. */
import semver from 'semver';
import { backToHand, copies, KEPT, oneHotfix } from './lapses.ts';
import { oneOf } from './releases.ts';
import { onNewLines, quiet, type Story, sinceAdoption, undated } from './telling.ts';

/** Every story, those without an alarm first. */
export const STORIES: readonly Story[] = [
  quiet('never any provenance', () => () => 'by hand'),
  KEPT,
  quiet('adopted on the newest lines, old lines by hand', onNewLines),
  quiet(
    'prereleases by CI, stable ones by hand',
    () =>
      ({ version }) =>
        semver.prerelease(version) === null ? 'by hand' : 'trusted publisher',
  ),
  quiet(
    'stable ones by CI, prereleases by hand',
    ({ adopted }) =>
      (release) =>
        semver.prerelease(release.version) === null && adopted(release) ? 'token with provenance' : 'by hand',
  ),
  quiet(
    'staged publishes between trusted ones',
    ({ adopted, roll }) =>
      (release) =>
        adopted(release)
          ? oneOf(roll, ['trusted publisher', 'staged', 'staged, provenance lost'])
          : 'by hand',
  ),
  quiet('from token with provenance to trusted publisher', ({ adopted, roll }) => {
    let token = 3;
    return (release) => {
      if (!adopted(release)) return 'by hand';
      return token-- > 0 || roll(4) === 0 ? 'token with provenance' : 'trusted publisher';
    };
  }),
  quiet('trusted publisher of a private repository', sinceAdoption('trusted, private repository')),
  quiet('bad releases deprecated, and published again', sinceAdoption('trusted publisher'), (told, roll) =>
    told.map((one) => ({ ...one, deprecated: one.deprecated || roll(4) === 0 })),
  ),
  quiet('releases unpublished', sinceAdoption('trusted publisher'), (told, roll) =>
    told.map((one) => (roll(4) === 0 ? { ...one, unpublished: true } : one)),
  ),
  {
    ...quiet('no times told', onNewLines, (told) => undated(told, () => undefined)),
    isUndated: true,
  },
  {
    ...quiet('some times missing', sinceAdoption('trusted publisher'), (told, roll) =>
      undated(told, ({ at }) => (roll(3) === 0 ? undefined : at)),
    ),
    isUndated: true,
  },
  {
    ...quiet('imported by a mirror at one moment', onNewLines, (told) => undated(told, () => told[0]?.at)),
    isUndated: true,
  },
  {
    title: 'a mirror that tells when it fetched each copy',
    isUndated: true,
    ends: 'with proof',
    tell: copies,
  },
  { title: 'one hotfix by hand', ends: 'with proof', tell: oneHotfix },
  {
    title: 'an old line goes back to releases by hand',
    ends: 'without',
    tell: (sequence) => backToHand(sequence, 'old line'),
  },
  {
    title: 'a trial given up for good',
    ends: 'without',
    tell: (sequence) => backToHand(sequence, 'everywhere'),
  },
];

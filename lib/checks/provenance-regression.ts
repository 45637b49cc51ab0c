/** Did an earlier version in the same line have more proof? */
import type { HistoryEntry } from '../model/evidence.ts';
import type { Answer } from '../model/report.ts';
import { isBeforeProvenance } from '../text/before-provenance.ts';
import { defineCheck, fail, pass, type Subject, skip, unknown } from './define.ts';
import {
  type Baseline,
  earlierInLine,
  hasHigherInMajor,
  practiceSince,
  type Release,
  type Timeline,
  timelineOf,
} from './release-history.ts';
import { versionOf } from './version.ts';
import { bundledReason, isOwnCode, kindWords, ownCodeReason, quoted } from './words.ts';

/** How a version was published, least proof first. */
const RANKS = ['no proof of its build', 'a trusted publisher or an approval', 'provenance'] as const;

/** Has this version at least as much proof as every earlier one in its line? */
export const provenanceRegression = defineCheck({
  id: 'provenance-regression',
  question: 'Does it have at least as much proof as earlier versions in the same line?',
  about:
    'A project that publishes with provenance and then, once, without, has most likely lost its token to somebody else. The line is ' +
    'the major version, so that hand-made backports pass; baseline `all` compares with every version. Earlier means published ' +
    'earlier, by number where times are missing. Deprecated versions count, since a thief can deprecate. A stable release is not ' +
    'compared with prereleases, and a prerelease only with those of its own channel. A staged publish, which a maintainer ' +
    'approves with a second factor, is no regression, nor is what the project has made its practice: to release without, ' +
    'in a version that has stood for thirty days since the last one with more proof. Where times are missing, or contradict the numbers, and only an ' +
    'older minor had more proof, which may have been mended since, the order is unknown.',
  restsOn: 'told',
  ask(subject, { baseline }) {
    const { source } = subject.package;
    if (isOwnCode(source)) return skip(ownCodeReason(source));
    if (source.kind === 'bundled') return skip(bundledReason(source.inside));
    if (source.kind !== 'registry') return skip(`${kindWords(source.kind)} has no published history`);
    if (subject.evidence.provenance.status === 'proved')
      return pass('has provenance; no version has more proof');
    if (isBeforeProvenance(subject.evidence))
      return pass('published before there was provenance, so the registry tells; no earlier version has any');
    const { history } = subject.evidence;
    switch (history.status) {
      case 'told':
        return compared(subject, history.value.versions, baseline);
      case 'absent':
        return unknown(history.reason ?? 'the registry tells no history');
      case 'unavailable':
      case 'notApplicable':
        return unknown(history.reason);
    }
  },
});

function compared(subject: Subject, entries: readonly HistoryEntry[], baseline: Baseline): Answer {
  const { version } = subject.package.id;
  const own = entries.find((entry) => entry.version === version);
  // Provenance that is announced but was not proved counts for nothing; what became of it decides the answer.
  const rank = own !== undefined && wasVouchedFor(own) ? 1 : 0;
  const passed = rank === 0 ? '' : `published with ${RANKS[rank]}; `;
  // Histories have thousands of versions, and most of them nothing to compare with.
  if (!entries.some((entry) => rankOf(entry) > rank))
    return pass(`${passed}no earlier version had more proof, nor has any, as far as the registry tells`);
  const judged = versionOf(version);
  if (judged === undefined) return unknown(`${quoted(version)} is no version number to compare with others`);
  const timeline = timelineOf(subject, entries, judged);
  const earlier = earlierInLine(timeline, baseline);
  const [best] = earlier.toSorted((a, b) => rankOf(b.entry) - rankOf(a.entry));
  if (best === undefined || rankOf(best.entry) <= rank) {
    const line = baseline === 'all' ? 'of this package' : `in line ${judged.numbers[0]}`;
    return pass(`${passed}no earlier version ${line} had more proof, as far as the registry tells`);
  }
  return answerFor(subject, { own, rank, best: best.entry, earlier, timeline });
}

type Compared = {
  readonly own: HistoryEntry | undefined;
  /** Its own, an index into {@link RANKS}; that of `best` is higher. */
  readonly rank: number;
  readonly best: HistoryEntry;
  readonly earlier: readonly Release[];
  readonly timeline: Timeline;
};

function answerFor(subject: Subject, { own, rank, best, earlier, timeline }: Compared): Answer {
  const { provenance } = subject.evidence;
  // A stolen token can stage a release, but not approve it; and the registry lost the provenance of some that were staged.
  if (own?.stagedPublish === true)
    return pass('staged, and approved by a maintainer with a second factor, so the registry tells');
  if (provenance.status === 'unavailable') return unknown(provenance.reason);
  const had = `${quoted(best.version)} was published with ${RANKS[rankOf(best)]}`;
  const excuse = provenance.status === 'refuted' ? undefined : excuseFor({ had, rank, earlier, timeline });
  if (excuse !== undefined) return excuse;
  return fail(
    `${had}, and this version with ${RANKS[rank]}, so the registry tells`,
    'Do not install before the project confirms this release. An older version, or an exemption with a date, is the way around.',
  );
}

type Suspect = Pick<Compared, 'rank' | 'earlier' | 'timeline'> & { readonly had: string };

/** What else than a thief explains that this version has less proof: the project's own practice, or an order that nothing tells. */
function excuseFor({ had, rank, earlier, timeline }: Suspect): Answer | undefined {
  const hasMore = ({ entry }: Release): boolean => rankOf(entry) > rank;
  const practice = practiceSince(timeline, earlier, (release) => !hasMore(release));
  if (practice !== undefined) {
    const since = `${quoted(practice.entry.version)}, which has stood for thirty days`;
    return pass(`${had}, but the project has released without since ${since}, as far as the registry tells`);
  }
  // Of the highest number, which most ranges pick, its number must do.
  if (earlier.some((release) => release.isSure && hasMore(release)) || !hasHigherInMajor(timeline))
    return undefined;
  return unknown(
    `${had}, but no time of publishing tells whether before this version, or since, as an older minor that was mended`,
    'The registry tells no times, or those of its own copies. For a mirror, let evidence come from its source: ' +
      'registries: { "<its URL>": { mirrorOf: npm, evidence: npm } }.',
  );
}

/** The index into {@link RANKS}. */
function rankOf(entry: HistoryEntry): 0 | 1 | 2 {
  if (entry.hasProvenance) return 2;
  return wasVouchedFor(entry) ? 1 : 0;
}

/** Did the registry check more than a token? Approving a staged publish takes the place of the trusted publisher in the packument. */
function wasVouchedFor({ trustedPublisher, stagedPublish }: HistoryEntry): boolean {
  return trustedPublisher || stagedPublish === true;
}

/** Did an earlier version in the same line have more proof? */
import type { HistoryEntry } from '../model/evidence.ts';
import type { Answer } from '../model/report.ts';
import { defineCheck, fail, pass, type Subject, skip, unknown } from './define.ts';
import { type Baseline, earlierInLine, practiceSince, type Release } from './release-history.ts';
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
    'in a version that has stood for thirty days since the last one with more proof.',
  restsOn: 'told',
  ask(subject, { baseline }) {
    const { source } = subject.package;
    if (isOwnCode(source)) return skip(ownCodeReason(source));
    if (source.kind === 'bundled') return skip(bundledReason(source.inside));
    if (source.kind !== 'registry') return skip(`${kindWords(source.kind)} has no published history`);
    if (subject.evidence.provenance.status === 'proved')
      return pass('has provenance; no version has more proof');
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
  const judged = versionOf(version);
  if (judged === undefined) return unknown(`${quoted(version)} is no version number to compare with others`);
  const earlier = earlierInLine(subject, entries, { judged, baseline });
  const best = earlier.reduce<Release | undefined>(
    (found, next) => (found === undefined || rankOf(next.entry) > rankOf(found.entry) ? next : found),
    undefined,
  );
  const line = baseline === 'all' ? 'of this package' : `in line ${judged.numbers[0]}`;
  if (best === undefined || rankOf(best.entry) === 0)
    return pass(`no earlier version ${line} had more proof, as far as the registry tells`);
  const own = entries.find((entry) => entry.version === version);
  return answerFor(subject, { own, best: best.entry, earlier });
}

type Compared = {
  readonly own: HistoryEntry | undefined;
  readonly best: HistoryEntry;
  readonly earlier: readonly Release[];
};

function answerFor(subject: Subject, { own, best, earlier }: Compared): Answer {
  const { provenance } = subject.evidence;
  // Provenance that is announced but was not proved counts for nothing; what became of it decides the answer.
  const rank = own !== undefined && wasVouchedFor(own) ? 1 : 0;
  if (rank >= rankOf(best)) return pass(`published with ${RANKS[rank]}; no earlier version had more proof`);
  // A stolen token can stage a release, but not approve it; and the registry lost the provenance of some that were staged.
  if (own?.stagedPublish === true)
    return pass('staged, and approved by a maintainer with a second factor, so the registry tells');
  if (provenance.status === 'unavailable') return unknown(provenance.reason);
  const had = `${quoted(best.version)} was published with ${RANKS[rankOf(best)]}`;
  const practice = practiceSince(subject, earlier, ({ entry }) => rankOf(entry) <= rank);
  if (practice !== undefined && provenance.status !== 'refuted') {
    const since = `${quoted(practice.entry.version)}, which has stood for thirty days`;
    return pass(`${had}, but the project has released without since ${since}, as far as the registry tells`);
  }
  return fail(
    `${had}, and this version with ${RANKS[rank]}, so the registry tells`,
    'Do not install before the project confirms this release. An older version, or an exemption with a date, is the way around.',
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

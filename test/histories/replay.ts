/** Replays a history version by version through the real judgement: as the registry told it on the day, and as it tells it today. */
import { provenanceRegression } from '../../lib/checks/provenance-regression.ts';
import type { HistoryEntry } from '../../lib/model/evidence.ts';
import type { Answer } from '../../lib/model/report.ts';
import { parseHistory } from '../../lib/registry/packument.ts';
import {
  aManifest,
  anEvidence,
  aPackage,
  aProvenance,
  aSubject,
  proved,
  told,
  without,
} from '../support/builders.ts';

/** What a version's replay said. */
export type Replayed = { readonly version: string; readonly onTheDay: Answer; readonly today: Answer };

/** Whose history it is, up to when, and which of its versions are judged: all, unless said otherwise. */
export type Question = { readonly name: string; readonly now: Date; readonly judged?: ReadonlySet<string> };

/** Judges every version that a packument lists, first published first, or those asked for. */
export function replay(packument: object, { name, now, judged }: Question): readonly Replayed[] {
  const parsed = parseHistory(packument, { name, now });
  if (parsed.kind === 'malformed') throw new Error(`${name}: ${parsed.reason}`);
  const entries = parsed.value.versions;
  return entries
    .map((entry, index) => ({ entry, before: entries.slice(0, index + 1) }))
    .filter(({ entry }) => judged?.has(entry.version) !== false)
    .map(({ entry, before }) => ({
      version: entry.version,
      onTheDay: answerTo(name, entry, before),
      today: answerTo(name, entry, entries),
    }));
}

function answerTo(
  name: string,
  { version, hasProvenance }: HistoryEntry,
  versions: readonly HistoryEntry[],
): Answer {
  const pkg = aPackage({ id: { name, version } });
  const evidence = anEvidence(
    {
      publish: { status: 'absent' },
      // What the registry lists is taken for proved: a replay asks what the check makes of true evidence.
      provenance: hasProvenance ? proved(aProvenance()) : { status: 'absent' },
      manifest: told(without(aManifest({}, pkg.id), 'publishedAt')),
      history: told({ versions }),
    },
    pkg,
  );
  return provenanceRegression.ask(aSubject({ package: pkg, evidence }), { baseline: 'major' });
}

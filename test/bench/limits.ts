/** What SPEC 8 holds the lines to, and whether they hold it. */
import { type Limit, type Line, medianOf } from './line.ts';

/** A limit, and where its line stands. */
export type Standing = {
  readonly line: string;
  readonly limit: string;
  readonly found: string;
  readonly held: boolean;
};

/** Where all lines stand, in order. Medians decide; the best rounds are told beside them, for they are what a busy machine disturbs least. */
export function standingsOf(lines: readonly Line[]): readonly Standing[] {
  const byName = new Map(lines.map((line) => [line.name, line]));
  return lines.flatMap((line) =>
    line.limits.flatMap((limit) => {
      const judged = judge(limit, line, byName);
      return judged === undefined ? [] : [{ line: line.name, ...judged }];
    }),
  );
}

type Judged = Omit<Standing, 'line'>;

function judge(limit: Limit, line: Line, byName: ReadonlyMap<string, Line>): Judged | undefined {
  switch (limit.kind) {
    case 'ratio': {
      const { over, most } = limit;
      return compared([line, byName.get(over)], `≤ ${most} × ${over}`, (own, other) => ({
        found: `${(own / other).toFixed(2)} ×`,
        held: own <= most * other,
      }));
    }
    case 'slower': {
      const { who, least } = limit;
      return compared([line, byName.get(who)], `${who} ≥ ${least} × as long`, (own, other) => ({
        found: `${(other / own).toFixed(1)} ×`,
        held: other >= least * own,
      }));
    }
    case 'later': {
      const { than, ms } = limit;
      return compared([line, byName.get(than)], `≤ ${than} + ${ms} ms`, (own, other) => ({
        found: `+ ${(own - other).toFixed(0)} ms`,
        held: own <= other + ms,
      }));
    }
    case 'memory': {
      const peak = medianOf(line.mebibytes);
      return { limit: `≤ ${limit.most} MiB`, found: `${peak.toFixed(0)} MiB`, held: peak <= limit.most };
    }
    case 'requests':
      return {
        limit: `≤ ${limit.most} requests`,
        found: String(line.requests),
        held: line.requests <= limit.most,
      };
    case 'bytes': {
      const found = `${(line.bytes / 1e6).toFixed(2)} MB`;
      return { limit: `≤ ${(limit.most / 1e6).toFixed(2)} MB`, found, held: line.bytes <= limit.most };
    }
  }
}

function compared(
  [line, other]: readonly [Line, Line | undefined],
  limit: string,
  standing: (own: number, other: number) => Pick<Judged, 'found' | 'held'>,
): Judged | undefined {
  if (other === undefined) return undefined;
  const { found, held } = standing(medianOf(line.ms), medianOf(other.ms));
  const best = standing(Math.min(...line.ms), Math.min(...other.ms)).found;
  return { limit, found: `${found} (best rounds ${best})`, held };
}

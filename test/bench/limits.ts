/** What SPEC 8 holds the lines to, and whether they hold it. */
import { type Limit, type Line, medianOf } from './line.ts';

/** A limit, and where its line stands. */
export type Standing = {
  readonly line: string;
  readonly limit: string;
  readonly found: string;
  readonly held: boolean;
};

/** Where all lines stand, in order. */
export function standingsOf(lines: readonly Line[]): readonly Standing[] {
  const medians = new Map(lines.map(({ name, ms }) => [name, medianOf(ms)]));
  return lines.flatMap((line) =>
    line.limits.flatMap((limit) => {
      const judged = judge(limit, line, medians);
      return judged === undefined ? [] : [{ line: line.name, ...judged }];
    }),
  );
}

type Judged = Omit<Standing, 'line'>;

function judge(limit: Limit, line: Line, medians: ReadonlyMap<string, number>): Judged | undefined {
  const own = medianOf(line.ms);
  switch (limit.kind) {
    case 'ratio': {
      const other = medians.get(limit.over);
      if (other === undefined) return undefined;
      const found = `${(own / other).toFixed(2)} ×`;
      return { limit: `≤ ${limit.most} × ${limit.over}`, found, held: own <= limit.most * other };
    }
    case 'slower': {
      const other = medians.get(limit.who);
      if (other === undefined) return undefined;
      const found = `${(other / own).toFixed(1)} ×`;
      return {
        limit: `${limit.who} ≥ ${limit.least} × as long`,
        found,
        held: other >= limit.least * own,
      };
    }
    case 'later': {
      const other = medians.get(limit.than);
      if (other === undefined) return undefined;
      const found = `+ ${(own - other).toFixed(0)} ms`;
      return { limit: `≤ ${limit.than} + ${limit.ms} ms`, found, held: own <= other + limit.ms };
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

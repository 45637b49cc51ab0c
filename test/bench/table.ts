/** Turns samples into the table the benchmark prints. */

/** All samples of one line of the table. */
export type Line = {
  readonly name: string;
  readonly ms: readonly number[];
  readonly cpuMs: readonly number[];
  readonly mebibytes: readonly number[];
  readonly requests: number;
  readonly bytes: number;
  /** The line whose median this one is divided by. */
  readonly over?: string;
};

/** The middle value; the mean of the two middle ones for an even number. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

const COLUMNS = ['', 'median', 'spread', 'processor', 'peak memory', 'requests', 'bytes', 'ratio'] as const;

/** The whole table, a line each, columns aligned. */
export function tableOf(lines: readonly Line[]): string {
  const medians = new Map(lines.map(({ name, ms }) => [name, medianOf(ms)]));
  const rows = [COLUMNS, ...lines.map((line) => rowOf(line, medians))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function rowOf(line: Line, medians: ReadonlyMap<string, number>): readonly string[] {
  const { name, ms, cpuMs, mebibytes, requests, bytes, over } = line;
  const peak = medianOf(mebibytes);
  const median = medianOf(ms);
  return [
    name,
    `${median.toFixed(0)} ms`,
    `${Math.min(...ms).toFixed(0)}–${Math.max(...ms).toFixed(0)}`,
    peak > 0 ? `${medianOf(cpuMs).toFixed(0)} ms` : '',
    peak > 0 ? `${peak.toFixed(0)} MiB` : '',
    peak > 0 ? String(requests) : '',
    peak > 0 ? `${(bytes / 1e6).toFixed(2)} MB` : '',
    over === undefined ? '' : `${(median / (medians.get(over) ?? Number.NaN)).toFixed(2)} × ${over}`,
  ];
}

/** Turns samples into the tables the benchmark prints. */
import type { Standing } from './limits.ts';
import { type Line, medianOf } from './line.ts';

const COLUMNS = [
  ...['', 'median', 'spread', 'processor', 'peak memory', 'requests', 'bytes'],
  ...['ratio', 'of processor'],
] as const;

/** The whole table, a line each, columns aligned. */
export function tableOf(lines: readonly Line[]): string {
  const byName = new Map(lines.map((line) => [line.name, line]));
  return aligned([COLUMNS, ...lines.map((line) => rowOf(line, byName.get(line.over ?? '')))]);
}

/** The limits, a line each, and whether they are held. */
export function standingTableOf(standings: readonly Standing[]): string {
  const rows = standings.map(({ line, limit, found, held }) => [
    line,
    limit,
    found,
    held ? 'held' : 'missed',
  ]);
  return aligned([['', 'limit', 'found', ''], ...rows]);
}

/** Cells in columns: the first to the left, all others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const columns = rows[0] ?? [];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const cells = (row: readonly string[]) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
  return rows.map((row) => cells(row).join('  ').trimEnd()).join('\n');
}

function rowOf(line: Line, other: Line | undefined): readonly string[] {
  const { name, ms, cpuMs, mebibytes, requests, bytes } = line;
  const peak = medianOf(mebibytes);
  const [median, processor] = [medianOf(ms), medianOf(cpuMs)];
  const ratio = (own: number, over: number) => (over > 0 ? `${(own / over).toFixed(2)} ×` : '');
  return [
    name,
    `${median.toFixed(0)} ms`,
    `${Math.min(...ms).toFixed(0)}–${Math.max(...ms).toFixed(0)}`,
    peak > 0 ? `${processor.toFixed(0)} ms` : '',
    peak > 0 ? `${peak.toFixed(0)} MiB` : '',
    peak > 0 ? String(requests) : '',
    peak > 0 ? `${(bytes / 1e6).toFixed(2)} MB` : '',
    ...(other === undefined
      ? []
      : [`${ratio(median, medianOf(other.ms))} ${other.name}`, ratio(processor, medianOf(other.cpuMs))]),
  ];
}

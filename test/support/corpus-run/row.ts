/** One line of the corpus table: a case, what is expected of it, and what npmsign said. */
import { readFileSync } from 'node:fs';

/** What a case demands, and what came out. */
export type Row = {
  readonly family: string;
  readonly id: string;
  readonly expected: 'pass' | 'fail' | 'implementation-defined';
  readonly got: 'pass' | 'fail';
  /** Why it was refused, or what was proved. */
  readonly because: string;
  /** Identity fields that differ from the expected ones. */
  readonly differences?: readonly string[];
};

/** Did npmsign answer as demanded? */
export function holds(row: Row): boolean {
  if ((row.differences ?? []).length > 0) return false;
  return row.expected === 'implementation-defined' || row.expected === row.got;
}

/** Reads a JSON file of the corpus. Its shape is known from the corpus' own documentation. */
export function readJson<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(path, 'utf8')) as Shape;
}

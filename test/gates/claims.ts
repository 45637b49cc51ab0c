/** Holds what is said of a row to what was seen in it. */
import { holesOf } from './holes.ts';
import type { Row } from './record.ts';

/** Rows that show what the others would look like: evil runs where nobody is asked, and what meets the policy is installed. */
const CONTROLS: readonly Row['intent'][] = ['passes', 'unguarded'];

/** Is evil what this row is about? */
export function isAboutEvil({ intent }: Row): boolean {
  return !CONTROLS.includes(intent);
}

/** Is it stopped before anything is fetched? */
export function isStopped({ when }: Row): boolean {
  return when === 'before' || when === 'setting';
}

/** What is wrong with a row, as sentences; nothing where all holds. */
export function problemsOf(row: Row): readonly string[] {
  const says = (wrong: boolean, what: string): readonly string[] =>
    wrong ? [`${row.manager}: ${row.command} (${row.intent}, ${row.setUp}): ${what}`] : [];
  if (row.intent === 'unguarded') {
    const sang = ['evil bin', 'evil install', 'evil postinstall', 'evil preinstall'];
    return says(row.exit !== 0 || row.ran.join() !== sang.join(), 'the canaries do not sing without a gate');
  }
  if (row.intent === 'passes') {
    const isWhole = row.exit === 0 && row.when !== 'never' && row.tarballs.join() === 'fickle,good';
    return says(!isWhole, 'what meets the policy is not let through');
  }
  if (!isStopped(row)) return says(holesOf(row).length !== 1, 'it is not stopped, and no one hole tells why');
  return [
    ...says(holesOf(row).length > 0, 'it is stopped, and a hole is told of'),
    ...says(row.tarballs.length > 0, `tarballs were asked for: ${row.tarballs.join(', ')}`),
    ...says(row.ran.length > 0, `scripts ran: ${row.ran.join(', ')}`),
    ...says(row.left.length > 0, `something is left: ${row.left.join(', ')}`),
    ...says(row.exit === 0, 'the command succeeds'),
  ];
}

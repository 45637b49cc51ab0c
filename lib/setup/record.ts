/** Remembers what `init` wrote, in `.npmsign/init.json`, so that `init --remove` can take exactly that back. */
import { createHash } from 'node:crypto';
import { SetupError } from '../errors.ts';
import type { FileChange } from '../model/setup.ts';
import type { Edit, Undo } from './draft.ts';
import { parseObject } from './json-edit.ts';
import { isEditable } from './places.ts';

/** One recorded change to a file. */
export type RecordedEdit = {
  readonly file: string;
  /** `ours`: npmsign's own file, whatever it holds. `made`: there was none. `changed`: the project's own. */
  readonly kind: 'ours' | 'made' | 'changed';
  /** The file as it was left, and the one piece that differs from how it was found. */
  readonly exact: {
    readonly sha256: string;
    readonly at: number;
    readonly length: number;
    readonly was: string;
  };
  /** Takes the change back once the file has been changed by others too. */
  readonly undo: readonly Undo[];
};

/** What a record says of itself to whoever opens it. */
const ABOUT = 'What npmsign init wrote into this project; npmsign init --remove takes it back.';

/** The record with further edits, as text. */
export function recordWith(known: readonly RecordedEdit[], edits: readonly Edit[]): string {
  const added = edits.map(({ change, undo }) => recorded(change, undo));
  // Of a file of npmsign's own only its name matters: it is deleted, not restored.
  const kept = known.filter(({ file, kind }) => kind !== 'ours' || !added.some((edit) => edit.file === file));
  return `${JSON.stringify({ npmsign: 1, about: ABOUT, edits: [...kept, ...added] }, null, 2)}\n`;
}

/** Reads a record strictly: it decides what is deleted. Throws `SetupError` `SETUP_UNREADABLE`. */
export function parseRecord(text: string, file: string): readonly RecordedEdit[] {
  const { npmsign, edits } = parseObject(text, file);
  if (npmsign === 1 && Array.isArray(edits) && edits.every(isRecordedEdit)) return edits;
  throw new SetupError('SETUP_UNREADABLE', `${file} is not a record that this version of npmsign wrote.`, {
    hint: 'Take the changes back with git, or by hand.',
  });
}

/** Lower-case hex. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function recorded({ file, before, after = '', ours }: FileChange, undo: readonly Undo[]): RecordedEdit {
  const sha256 = digestOf(after);
  if (ours !== undefined)
    return { file, kind: 'ours', exact: { sha256, at: 0, length: 0, was: '' }, undo: [] };
  if (before === undefined)
    return { file, kind: 'made', exact: { sha256, at: 0, length: 0, was: '' }, undo: [] };
  return { file, kind: 'changed', exact: { sha256, ...differenceOf(before, after) }, undo };
}

/** The one piece in which two texts differ: where it starts, how long it is in the second, and what it is in the first. */
function differenceOf(before: string, after: string): { at: number; length: number; was: string } {
  const most = Math.min(before.length, after.length);
  let at = 0;
  while (at < most && before[at] === after[at]) at++;
  let tail = 0;
  while (tail < most - at && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { at, length: after.length - tail - at, was: before.slice(at, before.length - tail) };
}

function isRecordedEdit(value: unknown): value is RecordedEdit {
  const { file, kind, exact, undo } = Object(value);
  const { sha256, at, length, was } = Object(exact);
  const whole = [at, length].every((number) => Number.isSafeInteger(number) && number >= 0);
  return (
    typeof file === 'string' &&
    isEditable(file) &&
    ['ours', 'made', 'changed'].includes(kind) &&
    (kind !== 'ours' || file.startsWith('.npmsign/')) &&
    typeof sha256 === 'string' &&
    typeof was === 'string' &&
    whole &&
    Array.isArray(undo) &&
    undo.every(isUndo)
  );
}

function isUndo(value: unknown): value is Undo {
  const { kind, path, wrote, was } = Object(value);
  if (kind === 'text') return typeof wrote === 'string' && (was === undefined || typeof was === 'string');
  return (
    kind === 'json' &&
    Array.isArray(path) &&
    path.every((key) => typeof key === 'string') &&
    wrote !== undefined
  );
}

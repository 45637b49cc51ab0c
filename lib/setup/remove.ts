/** Takes back what `init` wrote: byte for byte where nobody touched a file since, edit by edit elsewhere. */
import { isDeepStrictEqual } from 'node:util';
import type { FileChange } from '../model/setup.ts';
import type { Undo } from './draft.ts';
import { valueIn, withValue } from './json-edit.ts';
import { digestOf, type RecordedEdit } from './record.ts';

/** What taking back comes to. `left` says what stays, and why. */
export type Removal = { readonly changes: readonly FileChange[]; readonly left: readonly string[] };

/** Goes through the record from its end to its beginning. */
export function removalOf(files: ReadonlyMap<string, string>, record: readonly RecordedEdit[]): Removal {
  const texts = new Map<string, string | undefined>(files);
  const left: string[] = [];
  for (const edit of record.toReversed()) {
    const text = texts.get(edit.file);
    if (text === undefined) continue;
    const back = withoutEdit(text, edit);
    texts.set(edit.file, back.text);
    left.push(...back.left);
  }
  return { changes: [...texts].flatMap(([file, after]) => changeOf(file, files.get(file), after)), left };
}

type Back = { readonly text: string | undefined; readonly left: readonly string[] };

function withoutEdit(text: string, { file, kind, exact, undo }: RecordedEdit): Back {
  if (kind === 'ours') return { text: undefined, left: [] };
  if (digestOf(text) === exact.sha256) {
    if (kind === 'made') return { text: undefined, left: [] };
    return { text: text.slice(0, exact.at) + exact.was + text.slice(exact.at + exact.length), left: [] };
  }
  if (kind === 'made') {
    return {
      text,
      left: [`${file} was changed since npmsign wrote it; delete it if nothing else needs it.`],
    };
  }
  return undo.toReversed().reduce<Back>(
    (back, one) => {
      const next = undone(back.text ?? '', one);
      if (next !== undefined) return { text: next, left: back.left };
      return {
        text: back.text,
        left: [...back.left, `${file} was changed since: ${placeOf(one)} is left as it is.`],
      };
    },
    { text, left: [] },
  );
}

/** The text without one edit; `undefined` where what was written is no longer there, or is there twice. */
function undone(text: string, undo: Undo): string | undefined {
  switch (undo.kind) {
    case 'text': {
      const [before, after, more] = text.split(undo.wrote);
      return before === undefined || after === undefined || more !== undefined
        ? undefined
        : before + (undo.was ?? '') + after;
    }
    case 'json': {
      if (!isDeepStrictEqual(valueIn(text, undo.path), undo.wrote)) return undefined;
      const back = withValue(text, undo.path, undo.was);
      const parent = undo.path.slice(0, -1);
      const isEmpty = Object.keys(Object(valueIn(back, parent))).length === 0;
      return undo.madeParent === true && isEmpty ? withValue(back, parent, undefined) : back;
    }
  }
}

function placeOf(undo: Undo): string {
  return undo.kind === 'json' ? undo.path.join('.') : 'what npmsign wrote';
}

function changeOf(
  file: string,
  before: string | undefined,
  after: string | undefined,
): readonly FileChange[] {
  if (before === after || before === undefined) return [];
  const ours = file.endsWith('/gate.mjs') ? 'the vendored gate' : undefined;
  return [
    { file, before, ...(after === undefined ? {} : { after }), ...(ours === undefined ? {} : { ours }) },
  ];
}

/** Collects the edits to a project's files, each with what takes it back. Nothing is written here. */
import type { FileChange } from '../model/setup.ts';
import { type JsonPath, valueIn, withValue } from './json-edit.ts';
import { appended, spliced } from './lines.ts';

/** What takes one edit back when the file has been changed since: a value, or a piece of text. */
export type Undo =
  | {
      readonly kind: 'json';
      readonly path: readonly string[];
      readonly wrote: unknown;
      readonly was?: unknown;
      /** The object that holds it was made for it. */
      readonly madeParent?: true;
    }
  | { readonly kind: 'text'; readonly wrote: string; readonly was?: string };

/** Files in the making. */
export type Draft = {
  /** A file's text as edited so far; absent: there is none. */
  readonly textOf: (file: string) => string | undefined;
  /** Puts a value into a JSON file. */
  readonly setJson: (file: string, path: readonly string[], value: unknown) => void;
  /** Adds an item to a list in a JSON file. */
  readonly addJson: (file: string, path: readonly string[], item: unknown) => void;
  /** Puts lines at the end of a file, which is made if it is not there. */
  readonly append: (file: string, lines: readonly string[]) => void;
  /** Puts a piece of text in at an offset, or in the place of `was`, which stands there. */
  readonly insert: (
    file: string,
    place: { readonly offset: number; readonly was?: string },
    piece: string,
  ) => void;
  /** Makes a file, or replaces one of npmsign's own. */
  readonly write: (file: string, text: string, ours?: string) => void;
  readonly gate: (sentence: string) => void;
  readonly byHand: (sentence: string) => void;
  readonly note: (sentence: string) => void;
  readonly told: () => { readonly gates: string[]; readonly byHand: string[]; readonly notes: string[] };
  /** What differs from the files as they were. */
  readonly edits: () => readonly Edit[];
};

/** One changed file with what takes the change back. */
export type Edit = { readonly change: FileChange; readonly undo: readonly Undo[] };

/** A draft over files as they are. */
export function createDraft(files: ReadonlyMap<string, string>): Draft {
  const texts = new Map(files);
  const undos = new Map<string, Undo[]>();
  const names = new Map<string, string>();
  const told = { gates: [] as string[], byHand: [] as string[], notes: [] as string[] };

  function put(file: string, text: string, undo: readonly Undo[]): void {
    texts.set(file, text);
    undos.set(file, [...(undos.get(file) ?? []), ...undo]);
  }

  function insert(file: string, { offset, was }: { offset: number; was?: string }, piece: string): void {
    const text = texts.get(file) ?? '';
    const rest = text.slice(0, offset) + text.slice(offset + (was?.length ?? 0));
    put(file, spliced(rest, offset, piece), [
      { kind: 'text', wrote: piece, ...(was === undefined ? {} : { was }) },
    ]);
  }

  return {
    textOf: (file) => texts.get(file),
    setJson(file, path, value) {
      const text = texts.get(file) ?? '{}\n';
      const was = valueIn(text, path);
      const madeParent = path.length > 1 && valueIn(text, path.slice(0, -1)) === undefined;
      put(file, withValue(text, path, value), [
        {
          kind: 'json',
          path,
          wrote: value,
          ...(was === undefined ? {} : { was }),
          ...(madeParent && { madeParent }),
        },
      ]);
    },
    addJson(file, path, item) {
      const text = texts.get(file) ?? '{}\n';
      const was = valueIn(text, path);
      const added = Array.isArray(was)
        ? withValue(text, [...path, -1] satisfies JsonPath, item)
        : withValue(text, path, [item]);
      put(file, added, [
        { kind: 'json', path, wrote: valueIn(added, path), ...(was === undefined ? {} : { was }) },
      ]);
    },
    append(file, lines) {
      const text = texts.get(file) ?? '';
      insert(file, { offset: text.length }, appended(text, lines));
    },
    insert,
    write(file, text, ours) {
      if (ours !== undefined) names.set(file, ours);
      if (texts.get(file) !== text) put(file, text, []);
    },
    gate: (sentence) => void told.gates.push(sentence),
    byHand: (sentence) => void told.byHand.push(sentence),
    note: (sentence) => void told.notes.push(sentence),
    told: () => told,
    edits: () => [...texts].flatMap(([file, after]) => editOf(file, after)),
  };

  function editOf(file: string, after: string): readonly Edit[] {
    const before = files.get(file);
    if (before === after) return [];
    const ours = names.get(file);
    const change = {
      file,
      ...(before === undefined ? {} : { before }),
      after,
      ...(ours === undefined ? {} : { ours }),
    };
    return [{ change, undo: undos.get(file) ?? [] }];
  }
}

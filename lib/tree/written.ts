/** What a lockfile's text says, whatever its syntax: texts, lists and maps, each with its line. */
import { tame, visible } from '../text/sanitize.ts';

/** A single value. `plain` when it stands without quotes, as truth values and numbers do. */
export type WrittenText = {
  readonly kind: 'text';
  readonly text: string;
  readonly plain: boolean;
  /** 1-based: where the value stands, or the key it belongs to. */
  readonly line: number;
};

/** Values in order. */
export type WrittenList = {
  readonly kind: 'list';
  readonly items: readonly Written[];
  readonly line: number;
};

/** Values by key. A map of strangers' keys, so `__proto__` is a key like any other; no key comes twice. */
export type WrittenMap = {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Written>;
  readonly line: number;
};

/** Anything written. */
export type Written = WrittenText | WrittenList | WrittenMap;

/** The map under that key; `undefined` when there is no such key. Throws an `Error` whose message completes "has …". */
export function mapIn({ entries }: WrittenMap, key: string): WrittenMap | undefined {
  const value = entries.get(key);
  if (value === undefined || value.kind === 'map') return value;
  throw new Error(`${key} that ${key.endsWith('s') ? 'are' : 'is'} not an object`);
}

/** The text under that key, in one line of visible characters; `undefined` when there is none. Throws as {@link mapIn}. */
export function textIn({ entries }: WrittenMap, key: string): string | undefined {
  const value = entries.get(key);
  if (value === undefined) return undefined;
  if (value.kind !== 'text') throw new Error(`a ${tame(key, 100)} that is not a text`);
  return plainText(value.text, `its ${tame(key, 100)}`);
}

/** Is the key's value the plain `true`? Absent is false. Throws as {@link mapIn}, also for what is neither true nor false. */
export function flagIn({ entries }: WrittenMap, key: string): boolean {
  const value = entries.get(key);
  if (value === undefined) return false;
  if (value.kind === 'text' && value.plain && (value.text === 'true' || value.text === 'false'))
    return value.text === 'true';
  throw new Error(`a ${key} that is neither true nor false`);
}

/** All texts of the map under that key, by their own keys; none when there is no such key. Throws as {@link mapIn}. */
export function textsIn(map: WrittenMap, key: string): readonly (readonly [string, string])[] {
  const texts = mapIn(map, key);
  if (texts === undefined) return [];
  return [...texts.entries.keys()].map((name) => {
    const value = texts.entries.get(name);
    if (value?.kind !== 'text') throw new Error(`${key} where ${tame(name, 100)} is not a text`);
    return [name, plainText(value.text, `its ${key}`)] as const;
  });
}

/** Throws as {@link mapIn} when the map has a key besides these: a field nobody reads here may change what the manager installs. */
export function assertOnly({ entries }: WrittenMap, known: ReadonlySet<string>): void {
  for (const key of entries.keys()) {
    if (!known.has(key)) throw new Error(`the unknown field ${tame(JSON.stringify(key), 100)}`);
  }
}

/** The text itself. Throws as {@link mapIn} when it has control or invisible characters. */
export function plainText(text: string, what: string): string {
  if (!isVisible(text)) throw new Error(`control or invisible characters in ${what}`);
  return text;
}

/** Is every character of it one that a reader sees? Most texts are plain ASCII, which one look tells. */
export function isVisible(text: string): boolean {
  return /^[ -~]*$/.test(text) || visible(text) === text;
}

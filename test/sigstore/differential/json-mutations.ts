/** Alters a JSON value in one place, the same way for the same seed. */

/** JSON as it is handled here: plain objects, arrays and scalars. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** Numbers in [0, 1), the same sequence for the same seed (mulberry32). */
export function createDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What was done, and what came of it. */
export type Mutation = { readonly what: string; readonly value: JsonValue };

/** The way from a value to a part of it. */
export type Path = readonly (string | number)[];

/** A copy of `value` with one change that is one; parts of `other` may be put in its place. */
export function mutate(value: JsonValue, other: JsonValue, dice: () => number): Mutation {
  const original = JSON.stringify(value);
  const paths = pathsOf(value);
  for (;;) {
    const copy = structuredClone(value);
    const path = pick(paths, dice);
    const change = pick(CHANGES, dice);
    const after = change.make(at(copy, path), { other: at(other, path), dice });
    if (after === REMOVE) remove(copy, path);
    else set(copy, path, after);
    if (JSON.stringify(copy) !== original)
      return { what: `${change.name} at ${path.join('.')}`, value: copy };
  }
}

const REMOVE = Symbol('remove');
type Change = {
  readonly name: string;
  readonly make: (
    before: JsonValue | undefined,
    tools: { readonly other: JsonValue | undefined; readonly dice: () => number },
  ) => JsonValue | typeof REMOVE;
};

/** Bit flips come first and twice: they reach deepest into signatures, certificates and hashes. */
const CHANGES: readonly Change[] = [
  { name: 'bit flipped in base64', make: (before, { dice }) => flipBit(before, dice) },
  { name: 'bit flipped in base64', make: (before, { dice }) => flipBit(before, dice) },
  { name: 'bytes cut or added in base64', make: (before, { dice }) => resize(before, dice) },
  { name: 'character changed', make: (before, { dice }) => changeCharacter(before, dice) },
  { name: 'number changed', make: (before, { dice }) => changeNumber(before, dice) },
  { name: 'removed', make: () => REMOVE },
  { name: 'null', make: () => null },
  { name: 'taken from another bundle', make: (before, { other }) => other ?? before ?? null },
  { name: 'list changed', make: (before, { dice }) => changeList(before, dice) },
  { name: 'other type', make: (before, { dice }) => pick(STRANGE, dice) ?? before ?? null },
];

const STRANGE: readonly JsonValue[] = [
  '',
  'x',
  0,
  -1,
  1.5,
  true,
  [],
  {},
  [null],
  '\u0000',
  '__proto__',
  1e21,
];

function flipBit(before: JsonValue | undefined, dice: () => number): JsonValue {
  const bytes = bytesOf(before);
  if (bytes === undefined) return changeCharacter(before, dice);
  const index = Math.floor(dice() * bytes.length);
  bytes[index] = (bytes[index] ?? 0) ^ (1 << Math.floor(dice() * 8));
  return bytes.toString('base64');
}

function resize(before: JsonValue | undefined, dice: () => number): JsonValue {
  const bytes = bytesOf(before);
  if (bytes === undefined) return before ?? null;
  const added = Buffer.from([Math.floor(dice() * 256)]);
  return (dice() < 0.5 ? Buffer.concat([bytes, added]) : bytes.subarray(0, -1)).toString('base64');
}

function bytesOf(value: JsonValue | undefined): Buffer | undefined {
  if (typeof value !== 'string' || value.length < 4) return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : undefined;
}

function changeCharacter(before: JsonValue | undefined, dice: () => number): JsonValue {
  if (typeof before !== 'string' || before === '') return before ?? null;
  const index = Math.floor(dice() * before.length);
  const replacement = pick(['A', '=', ' ', '\n', '-', 'é', '0', ''], dice);
  return before.slice(0, index) + replacement + before.slice(index + 1);
}

function changeNumber(before: JsonValue | undefined, dice: () => number): JsonValue {
  if (typeof before !== 'string' || !/^\d+$/.test(before)) return flipBit(before, dice);
  const steps = [-1, 1, 60, -86_400, 4_294_967_296];
  return String(Number(before) + pick(steps, dice));
}

function changeList(before: JsonValue | undefined, dice: () => number): JsonValue {
  if (!Array.isArray(before)) return flipBit(before, dice);
  const first = before[0] ?? null;
  return pick(
    [[...before, first], before.slice(1), [...before, null], [...before].reverse(), before.slice(0, -1)],
    dice,
  );
}

/** The ways to all its parts. */
export function pathsOf(value: JsonValue, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const children = Object.entries(value).flatMap(([name, child]) => {
    const step = Array.isArray(value) ? Number(name) : name;
    return pathsOf(child, [...path, step]);
  });
  return path.length === 0 ? children : [path, ...children];
}

/** The part at the end of a way, where there is one. */
export function at(value: JsonValue | undefined, path: Path): JsonValue | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  return at(Array.isArray(value) ? value[Number(step)] : value[String(step)], rest);
}

function holderOf(
  value: JsonValue,
  path: Path,
): { readonly holder: JsonValue | undefined; readonly last: string | number } {
  return { holder: at(value, path.slice(0, -1)), last: path.at(-1) ?? '' };
}

/** Puts something at the end of a way. */
export function set(value: JsonValue, path: Path, after: JsonValue): void {
  const { holder, last } = holderOf(value, path);
  if (Array.isArray(holder)) holder[Number(last)] = after;
  else if (typeof holder === 'object' && holder !== null) holder[String(last)] = after;
}

/** Takes away what is at the end of a way. */
export function remove(value: JsonValue, path: Path): void {
  const { holder, last } = holderOf(value, path);
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (typeof holder === 'object' && holder !== null) delete holder[String(last)];
}

/** One of them. */
export function pick<T>(choices: readonly T[], dice: () => number): T {
  const chosen = choices[Math.floor(dice() * choices.length)];
  if (chosen === undefined) throw new Error('There is nothing to choose from.');
  return chosen;
}

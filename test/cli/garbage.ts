/** Garbage by seed: the same number, the same garbage. */

/** A source of numbers from 0 up to, not including, 1. */
export type Chance = () => number;

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  const state = { at: seed >>> 0 };
  return () => {
    state.at = (state.at + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state.at ^ (state.at >>> 15), state.at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Garbage made of something sound: bytes flipped, cut out, doubled or cut off; or bytes and JSON that were never anything. */
export function garbled(sound: Uint8Array, seed: number): Buffer {
  const chance = chanceOf(seed);
  const at = (limit: number): number => Math.floor(chance() * limit);
  const bytes = Buffer.from(sound);
  const from = at(bytes.length);
  const to = Math.min(bytes.length, from + 1 + at(40));
  switch (at(8)) {
    case 0:
      return Buffer.from(Array.from({ length: at(400) }, () => at(256)));
    case 1:
      return Buffer.from(JSON.stringify(anyJson(chance, 4)));
    case 2:
      return bytes.subarray(0, from);
    case 3:
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
    case 5:
      return retyped(bytes, chance);
    default:
      for (let n = 0; n <= at(3); n++) bytes[at(bytes.length)] = at(256);
      return bytes;
  }
}

/** Is it pure noise, in which nothing of the sound thing is left? */
export function isNoise(seed: number): boolean {
  const chance = chanceOf(seed);
  // The same three numbers that `garbled` takes before it chooses.
  chance();
  chance();
  return Math.floor(chance() * 8) < 2;
}

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  '\u0000',
  [],
  {},
  [[]],
  '__proto__',
  'a'.repeat(70_000),
];

/** Well-formed JSON in which one value became another type, where it was JSON at all. */
function retyped(bytes: Buffer, chance: Chance): Buffer {
  const odd = ODD[Math.floor(chance() * ODD.length)];
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return Buffer.from(JSON.stringify(replaced(value, odd, chance)));
  } catch {
    return Buffer.from(JSON.stringify(odd));
  }
}

/** Walks down by chance, and puts the odd value where it stops. */
function replaced(value: unknown, odd: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || chance() < 0.1) return odd;
  const keys = Object.keys(value);
  const key = keys[Math.floor(chance() * keys.length)];
  if (key === undefined) return odd;
  const changed = replaced(Reflect.get(value, key), odd, chance);
  return Array.isArray(value)
    ? value.map((item, index) => (String(index) === key ? changed : item))
    : Object.fromEntries(Object.entries(value).map(([name, held]) => [name, name === key ? changed : held]));
}

function anyJson(chance: Chance, depth: number): unknown {
  const kind = Math.floor(chance() * (depth > 0 ? 6 : 4));
  if (kind < 4) return ODD[Math.floor(chance() * (ODD.length - 1))];
  const items = Array.from({ length: Math.floor(chance() * 4) }, () => anyJson(chance, depth - 1));
  return kind === 4 ? items : Object.fromEntries(items.map((item, index) => [`k${index}`, item]));
}

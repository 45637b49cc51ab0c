/** Bounds how many values a JSON text may hold: three bytes of it (`[],`) can take a hundred of memory, or several hundred where they nest. */

/** No document npmsign reads comes near this many. */
export const MOST_VALUES = 4_000_000;

/** Does it hold more values than memory should? */
export function holdsTooMany(json: string | Uint8Array): boolean {
  // Each value has a letter of its own.
  if (json.length <= MOST_VALUES) return false;
  return valuesIn(typeof json === 'string' ? Buffer.from(json) : json) > MOST_VALUES;
}

/** Commas and opening brackets: an upper bound on the number of values, and cheap. */
function valuesIn(json: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === COMMA || byte === BRACKET || byte === BRACE) count++;
  }
  return count;
}

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

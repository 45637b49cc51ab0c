/** Small questions about JSON that strangers wrote. */

/** A JSON object, its fields unknown. */
export type JsonObject = { readonly [name: string]: unknown };

/** What a parser of strangers' JSON answers: the value, or what is wrong with it. */
export type Parsed<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Is this an object, and neither null nor an array? */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own field. Inherited ones (`constructor`, `__proto__`) do not count. */
export function fieldOf(object: JsonObject, name: string): unknown {
  const value = object[name];
  return value === undefined || Object.hasOwn(object, name) ? value : undefined;
}

/** The object's own field, when it is a non-empty string. */
export function textIn(object: JsonObject, name: string): string | undefined {
  const value = fieldOf(object, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The object's own field as an object; anything else counts as empty. */
export function objectIn(object: JsonObject, name: string): JsonObject {
  const value = fieldOf(object, name);
  return isObject(value) ? value : {};
}

/** The object with those of its own fields alone that have one of these names. */
export function pickedFrom(object: JsonObject, names: readonly string[]): JsonObject {
  // These names are ours.
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const value = fieldOf(object, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** The object's own field with those of its fields alone that have one of these names. What is no object stays as it is. */
export function pickedIn(object: JsonObject, name: string, names: readonly string[]): unknown {
  const value = fieldOf(object, name);
  return isObject(value) ? pickedFrom(value, names) : value;
}

/** A date as ISO 8601 in UTC, when it is one between npm's first year and `latest`. */
export function dateOf(value: unknown, latest: Date): string | undefined {
  const text = typeof value === 'string' && value.length <= 40 ? Date.parse(value) : value;
  if (typeof text !== 'number' || !(text >= NPM_BORN && text <= latest.getTime() + DAY)) return undefined;
  return new Date(text).toISOString();
}

const NPM_BORN = Date.UTC(2009, 0, 1);
// Registries and our host may disagree on the time of day, not on the day.
const DAY = 24 * 60 * 60 * 1000;

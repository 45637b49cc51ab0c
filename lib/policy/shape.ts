/** The small vocabulary a policy's shape is written in: each word both reads a value and describes itself as JSON Schema. */
import type { DocumentPath } from '../text/document.ts';
import { nearest } from '../text/nearest.ts';
import { tame } from '../text/sanitize.ts';

/** A JSON Schema (draft 2020-12), or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Where a value stands in a policy file, and who to tell what is wrong with it. */
export type Place = {
  readonly path: DocumentPath;
  /** The absolute path of a file that is named relative to the policy file. */
  readonly resolve: (path: string) => string;
  /** `file:line`, for people. */
  readonly at: () => string;
  readonly report: (message: string) => void;
  readonly child: (key: string | number) => Place;
};

/** Reads a value of one shape. `undefined` means that it was wrong and has been reported. */
export type Shape<T> = {
  readonly schema: JsonSchema;
  readonly read: (value: unknown, place: Place) => T | undefined;
};

/** What a shape reads. */
export type ReadBy<S> = S extends Shape<infer T> ? T : never;

/** Text. `fault` says what is wrong with it, continuing the sentence "the text …", without quoting it. */
export function text(of: {
  readonly description: string;
  readonly fault?: (text: string) => string | undefined;
  readonly schema?: JsonSchema;
}): Shape<string> {
  return {
    schema: { type: 'string', minLength: 1, ...of.schema, description: of.description },
    read(value, place) {
      if (typeof value !== 'string')
        return wrong(place, `wants text; found ${kindOf(value)}${quotesHint(value)}`);
      const fault = value.trim() === '' ? 'is empty' : of.fault?.(value);
      return fault === undefined ? value : wrong(place, fault);
    },
  };
}

/** One of a few words. */
export function choice<const T extends string>(values: readonly T[], description: string): Shape<T> {
  return {
    schema: { enum: values, description },
    read(value, place) {
      const found = values.find((candidate) => candidate === value);
      if (found !== undefined) return found;
      return typeof value === 'string'
        ? wrong(place, `unknown word ${kindOf(value)}; ${suggestion(value, values)}`)
        : wrong(place, `wants one of ${values.join(', ')}; found ${kindOf(value)}`);
    },
  };
}

/** `true` or `false`. */
export function flag(description: string): Shape<boolean> {
  return {
    schema: { type: 'boolean', description },
    read: (value, place) =>
      typeof value === 'boolean' ? value : wrong(place, `wants true or false; found ${kindOf(value)}`),
  };
}

/** A number from 0 to `maximum`. */
export function amount(maximum: number, description: string): Shape<number> {
  return {
    schema: { type: 'number', minimum: 0, maximum, description },
    read: (value, place) =>
      typeof value === 'number' && value >= 0 && value <= maximum
        ? value
        : wrong(place, `wants a number from 0 to ${maximum}; found ${kindOf(value)}`),
  };
}

/** A list. `nonEmpty` where an empty one could only be a mistake. */
export function listOf<T>(
  item: Shape<T>,
  of: { readonly description: string; readonly nonEmpty?: true },
): Shape<readonly T[]> {
  return {
    schema: {
      type: 'array',
      items: item.schema,
      ...(of.nonEmpty === true ? { minItems: 1 } : {}),
      description: of.description,
    },
    read(value, place) {
      if (!Array.isArray(value)) return wrong(place, `wants a list; found ${kindOf(value)}`);
      if (of.nonEmpty === true && value.length === 0) return wrong(place, 'is an empty list');
      return allOf(value.map((entry, index) => item.read(entry, place.child(index))));
    },
  };
}

/** Any number of keys, each of one shape, with values of one shape. */
export function mapOf<T>(
  key: Shape<string>,
  value: Shape<T>,
  description: string,
): Shape<readonly (readonly [string, T])[]> {
  return {
    schema: {
      type: 'object',
      propertyNames: key.schema,
      additionalProperties: value.schema,
      description,
    },
    read(found, place) {
      if (!isRecord(found)) return wrong(place, `wants a map; found ${kindOf(found)}`);
      const entries = Object.entries(found).map(([name, entry]) => {
        const [readKey, readValue] = [
          key.read(name, place.child(name)),
          value.read(entry, place.child(name)),
        ];
        return readKey === undefined || readValue === undefined ? undefined : ([readKey, readValue] as const);
      });
      return allOf(entries);
    },
  };
}

/** The fields of a record, by name. */
export type Fields = { readonly [name: string]: Shape<unknown> };

/** What a record reads: required fields are there, others may be. */
export type RecordOf<F extends Fields, R extends keyof F> = {
  readonly [Name in R]: ReadBy<F[Name]>;
} & { readonly [Name in Exclude<keyof F, R>]?: ReadBy<F[Name]> };

/** Named fields and no others. `noun` names one field in messages: `check`, `option of minimum-age`. */
export function record<F extends Fields, R extends keyof F & string = never>(
  fields: F,
  of: { readonly noun: string; readonly description: string; readonly required?: readonly R[] },
): Shape<RecordOf<F, R>> {
  const shapes = new Map(Object.entries(fields));
  const required: readonly string[] = of.required ?? [];
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries([...shapes].map(([name, { schema }]) => [name, schema])),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
      description: of.description,
    },
    read(value, place) {
      if (!isRecord(value)) return wrong(place, `wants a map; found ${kindOf(value)}`);
      for (const name of required) if (!(name in value)) place.report(`lacks "${name}"`);
      const read = Object.entries(value).map(([name, entry]) => {
        const shape = shapes.get(name);
        if (shape !== undefined) return [name, shape.read(entry, place.child(name))] as const;
        place
          .child(name)
          .report(`unknown ${of.noun} "${tame(name, 60)}"; ${suggestion(name, [...shapes.keys()])}`);
        return [name, undefined] as const;
      });
      if (read.some(([, entry]) => entry === undefined) || required.some((name) => !(name in value)))
        return undefined;
      // Every name left is a key of `fields`, read by that field's shape; those required are there.
      return Object.fromEntries(read) as RecordOf<F, R>;
    },
  };
}

/** The same shape, by reference to a definition of that name. */
export function reference<T>(name: string, shape: Shape<T>): Shape<T> {
  return { ...shape, schema: { $ref: `#/$defs/${name}` } };
}

/** Reports, and gives `undefined` for a shape's `read` to return. */
export function wrong(place: Place, message: string): undefined {
  place.report(message);
  return undefined;
}

/** A map of the document: neither list nor scalar. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, in words; text is quoted, tamed and cut. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `"${tame(value, 60)}"`;
  return typeof value === 'object' ? 'a map' : String(value);
}

/** `did you mean "x"?`, or all that is known when nothing is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? 'there are none' : `known: ${known.join(', ')}`;
}

function allOf<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  const read = values.filter((value) => value !== undefined);
  return read.length === values.length ? read : undefined;
}

function quotesHint(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? '; write it in quotes' : '';
}

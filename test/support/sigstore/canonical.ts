/** Canonical JSON: keys sorted, no white space. Rekor and TUF sign this form. */

/** Anything JSON can say. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** How a text is written. */
export type Quote = (text: string) => string;

/** As RFC 8785 and Rekor write texts. */
export const quotedAsJson: Quote = JSON.stringify;

/** As TUF writes texts: only quote and backslash are escaped, a newline stays one (OLPC canonical JSON). */
export const quotedAsTuf: Quote = (text) => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** The canonical form of a value: keys in the order of their UTF-16 units. */
export function canonicalJson(value: Json, quote: Quote = quotedAsJson): string {
  if (typeof value === 'string') return quote(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item, quote)).join(',')}]`;
  const members = Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${quote(key)}:${canonicalJson(item, quote)}`).join(',')}}`;
}

/** Escapes text for an HTML page. */

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['`', '&#96;'],
]);

/** The text, harmless between tags and inside quoted attributes. */
export function html(text: string): string {
  return text.replace(/[&<>"'`]/g, (found) => ENTITIES.get(found) ?? '');
}

/** Reads the text of bun.lock: JSON, but for the commas that bun leaves before closing brackets. */
import { type KeyScan, scanKeys } from '../text/lines.ts';

/** The document, and the lines of the keys of `packages`. */
export type BunText = { readonly value: unknown; readonly scan: KeyScan };

/** Parses the text. Throws a `SyntaxError` for anything else than JSON with such commas: bun writes no comments. */
export function parseBunText(text: string): BunText {
  const json = withoutLastCommas(text.replace(/^\u{feff}/u, ''));
  return { value: JSON.parse(json), scan: scanKeys(json, ['packages']) };
}

/** Puts a blank in the place of each comma before a closing bracket, so that every line stays where it was. */
function withoutLastCommas(text: string): string {
  const parts: string[] = [];
  let kept = 0;
  let comma = -1;
  let before = '{';
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === ' ' || character === '\n' || character === '\r' || character === '\t') continue;
    if ((character === '}' || character === ']') && comma !== -1) {
      parts.push(text.slice(kept, comma), ' ');
      kept = comma + 1;
    }
    // A comma without a value before it stays, and is no JSON.
    comma = character === ',' && !'{[,'.includes(before) ? at : -1;
    before = character ?? '';
    if (character === '"') at = endOfString(text, at + 1);
  }
  return [...parts, text.slice(kept)].join('');
}

/** The index of the quote that ends the string beginning there; past the end when there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** Lays text out in columns. */

/** Where lines begin and how wide they may be. Prefixes count towards the width. */
export type Layout = { readonly width: number; readonly first?: string; readonly rest?: string };

// Scripts and symbols a terminal draws two cells wide (Unicode TR11, approximated), and marks it draws on the cell before.
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uff01-\uff60]/u;
const WIDTHLESS = /[\p{M}\p{Default_Ignorable_Code_Point}]/u;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** A space no line is broken at. */
const UNBROKEN = '\u00a0';

// GitHub's runner reads a line that starts with `::`, white space aside, as a workflow command.
const COMMAND_START =
  /^([\s\p{Default_Ignorable_Code_Point}\p{M}]*):(?=[\p{Default_Ignorable_Code_Point}\p{M}]*:)/gmu;

/** How many terminal cells a text takes. */
export function columnsOf(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += cellsOf(character);
  return columns;
}

/** Breaks text at spaces, but not at those of {@link unbroken}; a word longer than a line is broken where it must be. */
export function wrap(text: string, { width, first = '', rest = first }: Layout): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ').flatMap((piece) => brokenWord(piece, width - columnsOf(rest)))) {
    if (!empty && columnsOf(line) + 1 + columnsOf(word) > width) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].map((finished) => finished.replaceAll(UNBROKEN, ' '));
}

/** The text as one word to {@link wrap}, which turns it back into several. */
export function unbroken(text: string): string {
  return text.replaceAll(' ', UNBROKEN);
}

/** The text, or as much of it as fits with an ellipsis. */
export function clip(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  const [start = ''] = brokenWord(text, Math.max(1, width - 1));
  return `${start}…`;
}

/** The middle taken out: for digests, whose ends are what people compare. */
export function shorten(text: string, keep = 10): string {
  return text.length <= 2 * keep + 1 ? text : `${text.slice(0, keep)}…${text.slice(-keep)}`;
}

/** Spaces up to a column; nothing is cut. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)));
}

/** The text with no line in it that a CI runner takes for a command. */
export function defused(text: string): string {
  return text.replace(COMMAND_START, '$1\\u{3a}');
}

function brokenWord(word: string, width: number): readonly string[] {
  if (columnsOf(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  let columns = 0;
  for (const character of word) {
    const cells = cellsOf(character);
    if (columns + cells > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      columns = 0;
    }
    piece += character;
    columns += cells;
  }
  return [...pieces, piece];
}

function cellsOf(character: string): number {
  if (WIDTHLESS.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

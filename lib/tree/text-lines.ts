/** Goes through a text line by line, holding one at a time: a file can be all line feeds. */

/** One line without its end; `line` is 1-based. */
export type TextLine = { readonly line: number; readonly content: string };

/** Every line of the text, a byte order mark left out. */
export function* linesOf(text: string): Generator<TextLine> {
  let line = 0;
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    const isReturn = end > start && text[end - 1] === '\r';
    line++;
    yield { line, content: text.slice(start, isReturn ? end - 1 : end) };
    start = end + 1;
  }
}

/** How many line feeds the text has. */
export function lineFeedsIn(text: string): number {
  let feeds = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) feeds++;
  return feeds;
}

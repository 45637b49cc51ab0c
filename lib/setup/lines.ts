/** Edits text line by line, in the line ends a file already has. */

/** The file's own line end; `\n` where it has none. */
export function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** What has to be written behind a text so that lines stand on lines of their own; the text as given ends where it ends. */
export function appended(text: string, lines: readonly string[]): string {
  const end = lineEndOf(text);
  const gap = text === '' || /\n$/.test(text) ? '' : end;
  return `${gap}${lines.join(end)}${end}`;
}

/** The text with a piece put in at an offset. */
export function spliced(text: string, offset: number, piece: string): string {
  return text.slice(0, offset) + piece + text.slice(offset);
}

/** Puts the demo on the screen: headings, quoted output, and the table at its end. */
import { stripVTControlCharacters, styleText } from 'node:util';

/** Where the demo is shown. */
export type Stage = {
  readonly heading: (title: string) => void;
  readonly say: (text: string) => void;
  /** A command as it would be typed. */
  readonly command: (text: string) => void;
  /** What somebody else printed or wrote, set off by a bar. */
  readonly quote: (text: string) => void;
  readonly good: (text: string) => void;
  readonly bad: (text: string) => void;
  /** Rows of cells; the first row is the heading. */
  readonly table: (rows: readonly (readonly string[])[]) => void;
};

type Style = Parameters<typeof styleText>[0];

/** A stage that writes to `out`, with colour or without. */
export function createStage(out: (text: string) => void, { color }: { readonly color: boolean }): Stage {
  const paint = (style: Style, text: string) => (color ? styleText(style, text) : text);
  const line = (text = '') => out(`${text}\n`);
  return {
    heading: (title) => line(`\n${paint(['bold', 'cyan'], title)}`),
    say: (text) => line(text),
    command: (text) => line(paint('bold', `$ ${text}`)),
    quote(text) {
      for (const quoted of squeezed(text)) line(`${paint('dim', '│')} ${quoted}`.trimEnd());
    },
    good: (text) => line(`${paint('green', '✔')} ${text}`),
    bad: (text) => line(paint('red', `✖ ${text}`)),
    table(rows) {
      const [head = [], ...body] = rows;
      const widths = head.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
      const padded = (row: readonly string[]) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd();
      line(paint('bold', padded(head)));
      for (const row of body) line(padded(row));
    },
  };
}

/** The lines that say something: a screen is small. */
function squeezed(text: string): readonly string[] {
  return text.split('\n').filter((line) => stripVTControlCharacters(line).trim() !== '');
}

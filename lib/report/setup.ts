/** Renders what `init` would change, as a diff people know from git, and what follows from it. */
// Written by others because the shortest diff of two texts is an algorithm, and not ours.
import { structuredPatch } from 'diff';
import type { FileChange, SetupPlan } from '../model/setup.ts';
import { inert, visible } from '../text/sanitize.ts';
import { defused } from './layout.ts';
import type { RenderStyle } from './render-style.ts';
import { createPaint, type Paint } from './style.ts';

/** Every change, file by file. Ends in a newline; empty where there is nothing to change. */
export function renderChanges({ changes }: SetupPlan, style: Pick<RenderStyle, 'color'>): string {
  const paint = createPaint(style);
  return defused(changes.map((change) => `${fileLines(change, paint).join('\n')}\n\n`).join(''));
}

/** The gates that stand, what is left to a person, and what to know: one line each. Ends in a newline, or is empty. */
export function renderSetup({ gates, byHand, notes }: SetupPlan, style: Pick<RenderStyle, 'color'>): string {
  const paint = createPaint(style);
  const lines = [
    ...gates.map((text) => `${paint.tone('pass', '✔ GATE')}    ${plain(text)}`),
    ...byHand.map((text) => `${paint.tone('fail', '✖ BY HAND')} ${text.split('\n').map(plain).join('\n  ')}`),
    ...notes.map((text) => `${paint.dim('i NOTE')}    ${plain(text)}`),
  ];
  return defused(lines.map((line) => `${line}\n`).join(''));
}

function fileLines({ file, before, after, ours }: FileChange, paint: Paint): readonly string[] {
  const title = paint.bold(`${wordFor({ before, after })} ${plain(file)}`);
  if (ours !== undefined)
    return [`${title}  (${ours}${after === undefined ? '' : `, ${after.length} bytes`})`];
  return [title, ...hunkLines(before ?? '', after ?? '', paint)];
}

function wordFor({ before, after }: { before: string | undefined; after: string | undefined }): string {
  if (before === undefined) return 'new file';
  return after === undefined ? 'delete' : 'change';
}

function hunkLines(before: string, after: string, paint: Paint): readonly string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 3 });
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    paint.dim(`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`),
    ...lines.map((line) => lineOf(line, paint)),
  ]);
}

function lineOf(line: string, paint: Paint): string {
  const text = plain(line);
  if (line.startsWith('+')) return paint.tone('pass', text);
  return line.startsWith('-') ? paint.tone('fail', text) : paint.dim(text);
}

/** A line of a file as it is, but for what a terminal would obey. A carriage return at its end is its line end. */
function plain(line: string): string {
  return inert(visible(line.replace(/\r$/, '').replaceAll('\t', '  ')));
}

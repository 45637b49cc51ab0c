/** The front of diffs: turns what changed in trust into text, in any of its formats. */
import type { PackageChange, TrustDiff } from '../model/diff.ts';
import { renderDiffMarkdown } from './diff-markdown.ts';
import { renderDiffPretty } from './diff-pretty.ts';
import { changeTitle, compareUrl, diffHeadline, weightsOf } from './diff-words.ts';
import { harmlessValue } from './harmless.ts';
import { PLAIN, type RenderStyle } from './render-style.ts';

/** The formats of a diff. */
export const diffFormats = ['pretty', 'markdown', 'json'] as const;

/** The name of a diff's format. */
export type DiffFormat = (typeof diffFormats)[number];

/** The diff in one format. Every string in it is harmless to a terminal, a log, a page and a workflow. */
export function renderDiff(diff: TrustDiff, format: DiffFormat, style: RenderStyle = PLAIN): string {
  const harmless = harmlessValue(diff);
  switch (format) {
    case 'pretty':
      return renderDiffPretty(harmless, style);
    case 'markdown':
      return renderDiffMarkdown(harmless, style);
    case 'json':
      return `${JSON.stringify(documentOf(harmless), undefined, 2)}\n`;
  }
}

function documentOf(diff: TrustDiff): object {
  const { schema, tool, judgedAt, before, after, changes, unchanged } = diff;
  const count = (kind: PackageChange['kind']): number =>
    changes.filter((change) => change.kind === kind).length;
  return {
    schema,
    tool,
    judgedAt,
    before,
    after,
    summary: {
      text: diffHeadline(diff),
      changed: changes.length,
      new: count('new'),
      updated: count('updated'),
      removed: count('removed'),
      unchanged,
      ...weightsOf(diff),
    },
    changes: changes.map((change) => {
      const url = compareUrl(change);
      return { title: changeTitle(change), ...change, ...(url === undefined ? {} : { compare: url }) };
    }),
  };
}

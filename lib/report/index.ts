/** The front door of reports: turns one report into text, in any format. */
import type { Report } from '../model/report.ts';
import { presentable } from './harmless.ts';
import { renderJson } from './json.ts';
import { renderPretty } from './pretty.ts';
import { type Format, PLAIN, type RenderStyle } from './render-style.ts';

export { type Explanation, renderExplain } from './explain.ts';
export { type Format, formats, type RenderStyle, type Rule } from './render-style.ts';

/** One format: which verdicts it shows, and how. */
type Renderer = {
  readonly shows: 'all' | 'not passing';
  readonly render: (report: Report, style: RenderStyle) => string;
};

const renderers: Readonly<
  Record<Exclude<Format, 'sarif' | 'github' | 'junit' | 'markdown' | 'html'>, Renderer>
> = {
  pretty: { shows: 'not passing', render: renderPretty },
  json: { shows: 'all', render: renderJson },
};

/** The report in one format. Every string in it is harmless to a terminal, a log, a page and a workflow. */
export function render(report: Report, format: Format, style: RenderStyle = PLAIN): string {
  const { shows, render: renderWith } = renderers[format as 'json'];
  // A package that passes has nothing to tell in most formats; a run of ten thousand should not pay for cleaning it.
  const verdicts =
    shows === 'all' ? report.verdicts : report.verdicts.filter((verdict) => verdict.effect !== 'pass');
  return renderWith(presentable({ ...report, verdicts }, style), style);
}

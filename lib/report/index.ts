/** The front door of reports: turns one report into text, in any format. */
import type { Report } from '../model/report.ts';
import { renderGithub } from './github.ts';
import { presentable } from './harmless.ts';
import { renderHtml } from './html.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPretty } from './pretty.ts';
import { type Format, PLAIN, type RenderStyle } from './render-style.ts';
import { renderSarif } from './sarif.ts';

export { type DiffFormat, diffFormats, renderDiff } from './diff.ts';
export { type Explanation, renderExplain } from './explain.ts';
export { type LockRendering, lockFormats, renderLockChange, renderLockPlan } from './lock-plan.ts';
export { type Format, formats, type RenderStyle, type Rule } from './render-style.ts';
export { renderChanges, renderSetup } from './setup.ts';
export { renderSuggestion } from './suggestion.ts';

/** One format: which verdicts it shows, and how. */
type Renderer = {
  readonly shows: 'all' | 'not passing';
  readonly render: (report: Report, style: RenderStyle) => string;
};

const renderers: Readonly<Record<Format, Renderer>> = {
  pretty: { shows: 'not passing', render: renderPretty },
  json: { shows: 'all', render: renderJson },
  sarif: { shows: 'not passing', render: renderSarif },
  github: { shows: 'not passing', render: renderGithub },
  junit: { shows: 'all', render: renderJunit },
  markdown: { shows: 'not passing', render: renderMarkdown },
  html: { shows: 'all', render: renderHtml },
};

/** The report in one format. Every string in it is harmless to a terminal, a log, a page and a workflow. */
export function render(report: Report, format: Format, style: RenderStyle = PLAIN): string {
  const { shows, render: renderWith } = renderers[format];
  // A package that passes has nothing to tell in most formats; a run of ten thousand should not pay for cleaning it.
  const verdicts =
    shows === 'all' ? report.verdicts : report.verdicts.filter((verdict) => verdict.effect !== 'pass');
  return renderWith(presentable({ ...report, verdicts }, style), style);
}

/** What `--format github` adds to the job's page: Markdown for the file that `GITHUB_STEP_SUMMARY` names. */
export function renderStepSummary(report: Report, style: RenderStyle = PLAIN): string {
  return render(report, 'markdown', style);
}

/** Renders a report as GitHub Actions workflow commands: annotations at the lockfile's lines. */
import type { Report } from '../model/report.ts';
import { type Finding, findingsOf } from './findings.ts';
import type { RenderStyle } from './render-style.ts';
import { findingText, headlineOf, titleOf } from './summary.ts';

/**
 * One command per line, worst first, because GitHub shows only the first ten of a kind. Without findings, a single notice.
 * Escapes follow the runner: `%`, CR and LF in messages, and `:` and `,` in properties besides.
 */
export function renderGithub(report: Report, style: RenderStyle): string {
  const commands = [
    ...report.notices.flatMap(({ code, message, effect }) =>
      effect === undefined ? [] : [command('error', [['title', `npmsign: ${code} ${effect}`]], message)],
    ),
    ...findingsOf(report, ['fail']).map((finding) => annotation(report, 'error', finding)),
    ...findingsOf(report, ['unverified']).map((finding) => annotation(report, 'error', finding)),
    ...(style.quiet
      ? []
      : findingsOf(report, ['warn']).map((finding) => annotation(report, 'warning', finding))),
    ...(style.quiet
      ? []
      : report.notices.flatMap(({ code, message, effect }) =>
          effect === undefined ? [command('notice', [['title', `npmsign: ${code}`]], message)] : [],
        )),
    ...(style.quiet
      ? []
      : [command('notice', [['title', `npmsign: ${report.effect.toUpperCase()}`]], headlineOf(report))]),
  ];
  return commands.map((line) => `${line}\n`).join('');
}

function annotation(report: Report, name: 'error' | 'warning', finding: Finding): string {
  const { package: pkg, outcome } = finding;
  const properties: readonly (readonly [string, string])[] = [
    ['file', report.lockfile.path],
    ['line', String(pkg.line ?? 1)],
    ['title', `npmsign: ${outcome.check} ${outcome.effect}: ${titleOf(pkg)}`],
  ];
  return command(name, properties, findingText(finding));
}

function command(name: string, properties: readonly (readonly [string, string])[], message: string): string {
  const listed = properties.map(([key, value]) => `${key}=${escapedProperty(value)}`).join(',');
  return `::${name} ${listed}::${escapedMessage(message)}`;
}

function escapedMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Renders a report as JUnit XML: one test case per package. */
import type { Outcome, Report, Verdict } from '../model/report.ts';
import { headlineOf, outcomeText, pathOf, policyOf, titleOf, trustOf } from './summary.ts';

/** One suite. A violation is a `failure`, an open question an `error`, a waiver `skipped`; warnings are the case's output. */
export function renderJunit(report: Report): string {
  const { summary } = report;
  const counts = [
    `tests="${summary.packages}"`,
    `failures="${summary.fail}"`,
    `errors="${summary.unverified}"`,
    `skipped="${summary.exempt}"`,
  ].join(' ');
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="npmsign" ${counts} time="0">`,
    `  <testsuite name="${xml(report.lockfile.path)}" ${counts} time="0" timestamp="${xml(report.judgedAt)}">`,
    ...properties(report),
    ...report.verdicts.flatMap((verdict) => testCase(report, verdict)),
    ...notices(report),
    '  </testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function properties(report: Report): readonly string[] {
  const listed: readonly (readonly [string, string])[] = [
    ['effect', report.effect],
    ['headline', headlineOf(report)],
    ['policy', policyOf(report.policy)],
    ['trust', trustOf(report.trust)],
    ['tool', `${report.tool.name} ${report.tool.version}`],
  ];
  return [
    '    <properties>',
    ...listed.map(([name, value]) => `      <property name="${name}" value="${xml(value)}"/>`),
    '    </properties>',
  ];
}

function testCase(report: Report, verdict: Verdict): readonly string[] {
  const { package: pkg, outcomes } = verdict;
  const name = `name="${xml(`${titleOf(pkg)} ${pkg.key}`)}" classname="${xml(pkg.id.name)}"`;
  const file = `file="${xml(report.lockfile.path)}"${pkg.line === undefined ? '' : ` line="${pkg.line}"`}`;
  const body = [...result(verdict), ...warnings(outcomes)];
  const open = `    <testcase ${name} ${file} time="0"`;
  return body.length === 0
    ? [`${open}/>`]
    : [`${open}>`, ...body.map((line) => `      ${line}`), '    </testcase>'];
}

/** One element for the whole package: readers of this format expect at most one. */
function result(verdict: Verdict): readonly string[] {
  const { effect, outcomes, package: pkg } = verdict;
  const having = (wanted: Outcome['effect']) => outcomes.filter((outcome) => outcome.effect === wanted);
  const way = `path: ${pathOf(pkg.chain, { whole: false })}`;
  switch (effect) {
    case 'pass':
    case 'warn':
      return [];
    case 'fail':
      return [element('failure', [...having('fail'), ...having('unverified')], way)];
    case 'unverified':
      return [element('error', having('unverified'), way)];
    case 'exempt':
      return [`<skipped message="${xml(having('exempt').map(outcomeText).join('; '))}"/>`];
  }
}

function element(name: 'failure' | 'error', outcomes: readonly Outcome[], way: string): string {
  const [first] = outcomes;
  const message = `message="${xml(first?.answer.because ?? '')}" type="${xml(first?.check ?? '')}"`;
  const text = [...outcomes.map((outcome) => `${outcome.effect}: ${outcomeText(outcome)}`), way].join('\n');
  return `<${name} ${message}>${xml(text)}</${name}>`;
}

function warnings(outcomes: readonly Outcome[]): readonly string[] {
  const texts = outcomes
    .filter(({ effect }) => effect === 'warn')
    .map((outcome) => `warning: ${outcomeText(outcome)}`);
  return texts.length === 0 ? [] : [`<system-out>${xml(texts.join('\n'))}</system-out>`];
}

function notices(report: Report): readonly string[] {
  const texts = report.notices.map(({ code, message }) => `notice: ${message} (${code})`);
  return texts.length === 0 ? [] : [`    <system-out>${xml(texts.join('\n'))}</system-out>`];
}

/** Escapes for text and attributes alike; what XML 1.0 (section 2.2) cannot hold becomes a visible escape. */
function xml(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|\p{Surrogate}/gu,
      (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

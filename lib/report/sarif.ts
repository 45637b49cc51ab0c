/** Renders a report as SARIF 2.1.0 (OASIS), one result per finding, each pointing at its line of the lockfile. */
import type { CheckId } from '../model/policy.ts';
import type { Outcome, Report } from '../model/report.ts';
import { specOf } from '../text/package-id.ts';
import { type Finding, findingsOf } from './findings.ts';
import type { RenderStyle, Rule } from './render-style.ts';
import { findingText } from './summary.ts';

/** One log with one run. Exempt findings are there, suppressed. */
export function renderSarif(report: Report, { rules = [] }: RenderStyle): string {
  const findings = findingsOf(report, ['fail', 'unverified', 'warn', 'exempt']);
  const listed = [...rules, ...rulesMissing(rules, findings)];
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            version: report.tool.version,
            semanticVersion: report.tool.version,
            rules: listed.map(ruleOf),
          },
        },
        invocations: [invocationOf(report)],
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(report, finding, listed)),
        properties: {
          effect: report.effect,
          summary: report.summary,
          trust: report.trust,
          policy: report.policy,
        },
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function rulesMissing(rules: readonly Rule[], findings: readonly Finding[]): readonly Rule[] {
  const known = new Set<CheckId>(rules.map((rule) => rule.id));
  const missing = new Set(findings.map(({ outcome }) => outcome.check).filter((check) => !known.has(check)));
  return [...missing].map((id) => ({ id, question: id, about: id }));
}

function ruleOf({ id, question, about }: Rule): object {
  return {
    id,
    name: id,
    shortDescription: { text: question },
    fullDescription: { text: about },
    help: { text: `${question} ${about}` },
  };
}

/** Section 3.20. `executionSuccessful` says that npmsign could do its work, not that the policy is met. */
function invocationOf(report: Report): object {
  return {
    executionSuccessful: true,
    endTimeUtc: report.judgedAt,
    toolExecutionNotifications: report.notices.map(({ code, message, effect }) => ({
      level: effect === undefined ? 'note' : 'error',
      descriptor: { id: code },
      message: { text: plain(message) },
    })),
  };
}

function resultOf(report: Report, finding: Finding, rules: readonly Rule[]): object {
  const { package: pkg, outcome } = finding;
  return {
    ruleId: outcome.check,
    ruleIndex: rules.findIndex((rule) => rule.id === outcome.check),
    // Section 3.27.10 forbids levels on any kind but `fail`, and viewers hide what has no level: an open question that stops an
    // install is an error here, and its effect is told in the properties.
    level: levelOf(outcome),
    message: { text: plain(findingText(finding)) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactOf(report.lockfile.path),
          region: { startLine: Math.max(1, pkg.line ?? 1) },
        },
        logicalLocations: [{ name: specOf(pkg.id), fullyQualifiedName: pkg.key, kind: 'module' }],
      },
    ],
    // Section 3.27.17: the same finding keeps its identity when lines move.
    partialFingerprints: { 'npmsign/v1': [outcome.check, pkg.key, specOf(pkg.id)].join(' ') },
    ...suppressionsOf(outcome),
    properties: {
      effect: outcome.effect,
      answer: outcome.answer.kind,
      package: specOf(pkg.id),
      path: pkg.chain,
    },
  };
}

function levelOf({ effect, level }: Outcome): 'error' | 'warning' {
  if (effect === 'exempt') return level === 'error' ? 'error' : 'warning';
  return effect === 'warn' ? 'warning' : 'error';
}

/** Section 3.35. */
function suppressionsOf({ effect, exemption }: Outcome): object {
  if (effect !== 'exempt') return {};
  const justification =
    exemption === undefined ? {} : { justification: `${exemption.reason} (until ${exemption.expires})` };
  return { suppressions: [{ kind: 'external', status: 'accepted', ...justification }] };
}

/** Text in which brackets make no link and braces no placeholder (sections 3.11.5 and 3.11.6). */
function plain(text: string): string {
  return text.replace(/[[\]\\]/g, '\\$&').replace(/[{}]/g, '$&$&');
}

/** A path inside the project is told relative to its root, any other as a file URL (section 3.4). */
function artifactOf(path: string): object {
  const slashed = path.replaceAll('\\', '/');
  const encoded = slashed.split('/').map(encodeURIComponent).join('/');
  if (/^[A-Za-z]:\//.test(slashed)) return { uri: `file:///${encoded.replace('%3A', ':')}` };
  return slashed.startsWith('/') ? { uri: `file://${encoded}` } : { uri: encoded, uriBaseId: '%SRCROOT%' };
}

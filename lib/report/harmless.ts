/** Makes a report harmless once, before any renderer sees it, so that none can forget to. */
import type { Report, Verdict } from '../model/report.ts';
import { inert, redact, visible } from '../text/sanitize.ts';
import { withProjectPaths } from './project-paths.ts';
import type { RenderStyle } from './render-style.ts';

/** Longest string shown, in UTF-16 units. Also bounds the time spent on a string. */
const LIMIT = 2000;

/**
 * The same report, with every string in it on one line, free of control and bidi characters, credentials and workflow commands
 * that take effect in the middle of a line, and files named relative to the project. Histories are left out: no format shows them,
 * and they dwarf the rest.
 */
export function presentable(report: Report, { root }: RenderStyle): Report {
  return harmlessReport(root === undefined ? report : withProjectPaths(report, root));
}

function harmlessReport(report: Report): Report {
  const seen = new Map<string, string>();
  const { verdicts, ...rest } = report;
  return {
    ...harmless(rest, seen),
    verdicts: verdicts.map((verdict) => harmless(withoutHistory(verdict), seen)),
  };
}

/** One string from a stranger, made harmless in the same way. */
export function harmlessText(text: string): string {
  const clipped = text.length > LIMIT ? `${text.slice(0, LIMIT)}…` : text;
  return inert(visible(redact(clipped)));
}

/** Any value of the model with every string in it made harmless in the same way. */
export function harmlessValue<T>(value: T): T {
  return harmless(value, new Map());
}

function withoutHistory(verdict: Verdict): Verdict {
  return { ...verdict, evidence: { ...verdict.evidence, history: { status: 'absent' } } };
}

/** Maps every string in a value of the model. Keys are the model's own field names, never a stranger's. */
function harmless<T>(value: T, seen: Map<string, string>): T;
function harmless(value: unknown, seen: Map<string, string>): unknown {
  if (typeof value === 'string') return harmlessOnce(value, seen);
  if (Array.isArray(value)) return value.map((item) => harmless(item, seen));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([field, held]) => [field, harmless(held, seen)]));
}

function harmlessOnce(text: string, seen: Map<string, string>): string {
  const known = seen.get(text);
  if (known !== undefined) return known;
  const result = harmlessText(text);
  seen.set(text, result);
  return result;
}

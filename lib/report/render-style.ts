/** What a caller may choose about a rendering: the format, and how much of what kind of text. */
import type { CheckId } from '../model/policy.ts';

/** Every output format, in the order help lists them (SPEC 7). */
export const formats = ['pretty', 'json', 'sarif', 'github', 'junit', 'markdown', 'html'] as const;

/** The name of an output format. */
export type Format = (typeof formats)[number];

/** What a check asks and why: the headings of `pretty`, the rule list of `sarif`. */
export type Rule = { readonly id: CheckId; readonly question: string; readonly about: string };

/** How text is laid out. Machine formats ignore everything but `rules`. */
export type RenderStyle = {
  readonly color: boolean;
  /** Cut nothing. */
  readonly verbose: boolean;
  /** Only what stops an install; nothing at all when nothing does. */
  readonly quiet: boolean;
  /** Columns; 100 unless told. */
  readonly width?: number;
  /** The checks in report order. Without them a heading is a check's name alone. */
  readonly rules?: readonly Rule[];
  /** The project's absolute path; files inside it are told relative to it. */
  readonly root?: string;
};

/** Text for a pipe: no colour, ordinary length, 100 columns. */
export const PLAIN: RenderStyle = { color: false, verbose: false, quiet: false };

/** The columns text may use: what was asked for, but never fewer than 60. */
export function columnsFor(style: RenderStyle): number {
  return Math.max(60, Math.floor(style.width ?? 100));
}

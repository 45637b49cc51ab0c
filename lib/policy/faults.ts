/** What can be wrong with a text in a policy; each fault continues the sentence "the text …" and never quotes it. */
import { nearest } from '../text/nearest.ts';
import { visible } from '../text/sanitize.ts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** The names of the presets. */
export const PRESET_NAMES = ['observe', 'recommended', 'strict'] as const;

/** Blank ends and characters nobody can see. */
export function visibleFault(text: string): string | undefined {
  return text === text.trim() && text === visible(text)
    ? undefined
    : 'has a blank at its end, or an invisible character';
}

/** Not a day of the calendar, written `yyyy-mm-dd`. */
export function dayFault(text: string): string | undefined {
  const time = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time)) return 'is no date; write yyyy-mm-dd';
  // The 30th of February is read as a day in March.
  return new Date(time).toISOString().startsWith(text) ? undefined : 'is no day of the calendar';
}

/** Neither a day nor a time with its zone. */
export function dateFault(text: string): string | undefined {
  if (!TIME.test(text)) return dayFault(text);
  return Number.isNaN(Date.parse(text)) ? 'is no time of the calendar' : dayFault(text.slice(0, 10));
}

/** Not a plain http(s) URL. A URL with a password in it is refused without being shown. */
export function urlFault(text: string): string | undefined {
  if (visibleFault(text) !== undefined || !URL.canParse(text)) return 'is no URL';
  const { protocol, username, password, search, hash } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'is no http or https URL';
  if (username !== '' || password !== '') return 'holds credentials; they belong in .npmrc';
  return search === '' && hash === '' ? undefined : 'has a query or a fragment, which means nothing here';
}

/** Not a file this project could have committed: packages write `node_modules`, and the gate runs before it exists. */
export function fileFault(text: string): string | undefined {
  if (visibleFault(text) !== undefined) return visibleFault(text);
  if (/^[a-z][a-z0-9+.-]+:/i.test(text)) return 'is a URL; a file is wanted';
  return inNodeModules(text) ? 'lies in node_modules, which the judged packages write' : undefined;
}

/** Neither a preset nor a relative path. */
export function extendsFault(text: string): string | undefined {
  if (PRESET_NAMES.some((name) => name === text)) return undefined;
  const near = nearest(text, PRESET_NAMES);
  if (near !== undefined) return `is no preset; did you mean "${near}"?`;
  if (!/^\.\.?\//.test(text)) {
    return 'is neither a preset (observe, recommended, strict) nor a file, written ./file; packages and URLs are not read';
  }
  return fileFault(text);
}

/** Does a path lead through a folder of installed packages? */
export function inNodeModules(path: string): boolean {
  return path.split(/[\\/]/).some((part) => part.toLowerCase() === 'node_modules');
}

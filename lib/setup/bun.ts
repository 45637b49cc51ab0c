/** What a project of bun gets: a security scanner. */
import type { Draft } from './draft.ts';
import { lineEndOf } from './lines.ts';

const SETTINGS = 'bunfig.toml';
const SCANNER = '.npmsign/bun.mjs';
const LINE = `scanner = "./${SCANNER}"`;

/** The row of SPEC 5 for bun. */
export function setUpBun(draft: Draft): void {
  draft.write(SCANNER, SCANNER_TEXT, 'the scanner that asks the gate');
  const settings = draft.textOf(SETTINGS) ?? '';
  const because = addScanner(draft, settings);
  if (because !== undefined) {
    draft.byHand(`${SETTINGS}: ${because}; write ${LINE} into [install.security].`);
    return;
  }
  draft.gate(
    'bun install, add, update and ci: the security scanner stops them before node_modules is written.',
  );
  draft.note(
    'bun add and update are refused what bun.lock does not hold yet: npmsign install <package> resolves, judges, then installs.',
  );
}

/** Edited as text, line by line: what is not plain enough for that is left to a person, and the reason given. */
function addScanner(draft: Draft, settings: string): string | undefined {
  if (settings.split(/\r?\n/).some((line) => line.trim() === LINE)) return undefined;
  if (/^\s*(?:install\.)?security(?:\.\w+)?\s*=/m.test(settings))
    return 'it writes the security settings in a way that is not edited here';
  const table = /^[^\S\r\n]*\[\s*install\s*\.\s*security\s*\][^\r\n]*(?:\r?\n|$)/m.exec(settings);
  if (table === null) {
    draft.append(
      SETTINGS,
      settings.trim() === '' ? ['[install.security]', LINE] : ['', '[install.security]', LINE],
    );
    return undefined;
  }
  const body = settings.slice(table.index + table[0].length).split(/^\s*\[/m)[0] ?? '';
  if (/^\s*scanner\s*=/m.test(body)) return 'it names another scanner, and bun calls only one';
  const end = lineEndOf(settings);
  const gap = table[0].endsWith('\n') ? '' : end;
  draft.insert(SETTINGS, { offset: table.index + table[0].length }, `${gap}${LINE}${end}`);
  return undefined;
}

const SCANNER_TEXT = `/** Lets npmsign judge bun.lock before bun writes node_modules. Written by npmsign init. */
export const scanner = {
  version: '1',
  scan: async (found) => (await import('./gate.mjs?hook')).bun.scan(found),
};
`;

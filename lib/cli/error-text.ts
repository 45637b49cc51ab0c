/** Words an error for a person: code, message, hint, and never a stack. */
import { EXIT, NpmsignError, PolicyFileError, type PolicyIssue } from '../errors.ts';
import { tame, visible } from '../text/sanitize.ts';

/** What an error says on stderr, ending in a newline, and the exit code it means. */
export type ErrorText = { readonly text: string; readonly exitCode: number };

/** Words anything that was thrown. What npmsign did not foresee is its own bug; `verbose` then shows where. */
export function errorText(error: unknown, wanted: { readonly verbose: boolean }): ErrorText {
  if (!(error instanceof NpmsignError)) return { text: bugText(error, wanted), exitCode: EXIT.bug };
  // A single one is the message.
  const several = error instanceof PolicyFileError && error.issues.length > 1 ? error.issues : [];
  const issues = several.map(issueText);
  const hint = error.hint === undefined ? [] : [`  ${tame(error.hint, 1000)}`];
  const lines = [`npmsign: ${tame(error.message, 2000)} [${error.code}]`, ...issues, ...hint];
  return { text: `${lines.join('\n')}\n`, exitCode: error.exitCode };
}

function issueText({ path, message, file, line }: PolicyIssue): string {
  const place = [file, line].filter((part) => part !== undefined).join(':');
  const where = [place, path].filter((part) => part !== '').join(' ');
  return `  ${tame(where)}: ${tame(message, 1000)}`;
}

// The message of an error nobody foresaw may quote a token or an attacker: it is shown tamed, and its stack only when asked for.
function bugText(error: unknown, { verbose }: { readonly verbose: boolean }): string {
  const shown = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = verbose && error instanceof Error ? (error.stack ?? '').split('\n').slice(1, 16) : [];
  const lines = [
    'npmsign: this is a bug in npmsign, and nothing was judged. [BUG]',
    `  ${tame(shown)}`,
    ...stack.map((line) => `  ${visible(tame(line))}`),
    ...(verbose ? [] : ['  Run it again with --verbose, and report what it prints.']),
  ];
  return `${lines.join('\n')}\n`;
}

/** What was asked, where and under which circumstances, as one digest. */
import { hash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Host } from '../model/host.ts';

/** A question that may be asked again: by which release, and with which options, everything that shapes the answer among them. */
export type Question = { readonly version: string; readonly options: Readonly<Record<string, unknown>> };

/** Differs from terminal to terminal, or from command to command, and shapes no verdict. Whatever is not listed here counts. */
const IRRELEVANT: ReadonlySet<string> = new Set([
  '_',
  'COLORTERM',
  'OLDPWD',
  'PWD',
  'SHLVL',
  'SSH_AUTH_SOCK',
  'SSH_CLIENT',
  'SSH_CONNECTION',
  'SSH_TTY',
  'STY',
  'TERM_SESSION_ID',
  'TMUX',
  'TMUX_PANE',
  'WINDOWID',
]);

/** SHA-256 in hex. A verdict that was copied to another machine, user or folder answers another question. */
export function questionDigest(host: Host, { version, options }: Question): string {
  const { cwd, env, color, columns, execPath, platform } = host;
  const surroundings = Object.entries(env)
    .filter(([name, value]) => value !== undefined && !IRRELEVANT.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [
    version,
    options,
    { cwd, color, columns, execPath, platform, machine: hostname() },
    surroundings,
  ];
  return hash('sha256', JSON.stringify(parts), 'hex');
}

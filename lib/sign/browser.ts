/** Opens a page in a person's browser, with the system's own opener and no shell. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Host } from '../model/host.ts';

/** Opens an http(s) page. That it did not open is no error: its address is printed, too. */
export function openInBrowser(host: Host, url: string): Promise<void> {
  const opener = openerOf(host);
  if (opener === undefined || !/^https?:\/\//.test(url)) return Promise.resolve();
  return new Promise((resolve) => {
    // By absolute path: a dependency may have put a command of that name into PATH.
    const child = spawn(opener.path, [...opener.args, url], {
      stdio: 'ignore',
      detached: true,
      env: { ...host.env },
    });
    child.once('error', () => resolve());
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}

/** Can this machine show a page to whoever sits at this terminal? */
export function hasBrowser(host: Host): boolean {
  const { env } = host;
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return false;
  return host.platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

function openerOf({
  platform,
  env,
}: Host): { readonly path: string; readonly args: readonly string[] } | undefined {
  switch (platform) {
    case 'darwin':
      return { path: '/usr/bin/open', args: [] };
    case 'win32':
      return {
        path: join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'rundll32.exe'),
        args: ['url.dll,FileProtocolHandler'],
      };
    case 'linux':
      return { path: '/usr/bin/xdg-open', args: [] };
    default:
      return undefined;
  }
}

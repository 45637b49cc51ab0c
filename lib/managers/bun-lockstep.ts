/** Keeps bun from fetching, and running as its security scanner, what was not judged. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ManagerError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';

/**
 * Throws `ManagerError` where bunfig.toml names a package as security scanner: bun fetches and runs it while it resolves, whatever it is told.
 * A file of the project's own is no package.
 */
export async function assertNoScannerPackage(root: string): Promise<void> {
  const text = (await readText(path.join(root, 'bunfig.toml'))) ?? '';
  const settings = text.replace(/^\s*#.*$/gm, '');
  const isEscaped =
    /^\s*(?:\[|[^=]*\\)[^=\]]*\\/m.test(settings) || /"[^"\n]*\\[^"\n]*"\s*[=\].]/.test(settings);
  const named = settings.match(/scanner/g)?.length ?? 0;
  const files = settings.match(/scanner["']?\s*=\s*["']\.{0,2}\//g)?.length ?? 0;
  if (named === files && !isEscaped) return;
  throw new ManagerError(
    'MANAGER_CONFLICT',
    'bun would fetch and run the security scanner of bunfig.toml before it is judged.',
    {
      hint: 'Resolve with bun install --lockfile-only where that may run, then use npmsign ci; or name a file of the project, as npmsign init does.',
    },
  );
}

/** Throws `ManagerError` where package.json, or that of a workspace, wants what bun.lock does not say it wants: bun fetches that before it minds. */
export async function assertLockedByBun(root: string, lockfile: string): Promise<void> {
  const lock = parsed((await readFile(lockfile, 'utf8')).replace(/,(\s*[}\]])/g, '$1'));
  for (const [folder, locked] of Object.entries(Object(Object(lock).workspaces))) {
    const text = await readText(path.join(root, folder, 'package.json'));
    const manifest = parsed((text ?? '{}').replace(/^\u{feff}/u, ''));
    for (const section of SECTIONS) {
      const known = new Map(Object.entries(Object(Object(locked)[section])));
      for (const [name, spec] of Object.entries(Object(Object(manifest)[section]))) {
        if (known.get(name) === spec) continue;
        const message = `bun.lock does not hold ${tame(`${name}@${String(spec)}`, 200)}, and bun would fetch it all the same.`;
        throw new ManagerError('MANAGER_CONFLICT', message, {
          hint: 'Run npmsign install, and review what changes in bun.lock.',
        });
      }
    }
  }
}

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ManagerError('MANAGER_CONFLICT', 'package.json or bun.lock is not what bun writes.', { cause });
  }
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
}

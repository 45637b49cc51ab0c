/** Fetches the release sequences of widely used packages, with npm's own client from the registry that npm is configured for. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import Config from '@npmcli/config';
import settings from '@npmcli/config/lib/definitions/index.js';
import { historyIn } from '../../lib/registry/packument.ts';
import { PROJECT } from '../bench/dependencies.ts';
import { entriesOf, lockfileOf } from '../bench/lockfile.ts';
import { ownNpm } from '../support/managers.ts';

/** Names out of a real tree of widely used packages: what the project itself asks for, then as many others as are wanted. */
export async function widelyUsed(count: number): Promise<readonly string[]> {
  const { lockfile } = await lockfileOf(1150);
  const asked = Object.keys({ ...PROJECT.dependencies, ...PROJECT.devDependencies });
  const others = entriesOf(lockfile).map(([, name]) => name);
  const byDigest = [...new Set(others)].sort((a, b) => (digestOf(a) < digestOf(b) ? -1 : 1));
  return [...new Set([...asked, ...byDigest])].slice(0, count);
}

/** What became of asking for a packument: what of it tells a history, or why there is none. */
export type Fetched =
  | { readonly name: string; readonly packument: object }
  | { readonly name: string; readonly why: string };

/** Asks for one packument after the other, each once; answers are kept in the system's folder for temporary files. */
export async function fetchPackuments(
  names: readonly string[],
  onProgress: (done: number) => void,
): Promise<readonly Fetched[]> {
  mkdirSync(KEPT, { recursive: true });
  const client = await openClient();
  const fetched: Fetched[] = [];
  for (const name of names) {
    fetched.push(await fetchOne(name, client));
    onProgress(fetched.length);
  }
  return fetched;
}

const KEPT = path.join(os.tmpdir(), 'npmsign-histories');

type Client = (name: string) => Promise<unknown>;

/** npm's own client, under npm's own configuration. */
async function openClient(): Promise<Client> {
  const npmPath = path.dirname(path.dirname(ownNpm().npmCli));
  const config = new Config({
    ...{ npmPath, argv: ['node', 'npm'], cwd: os.tmpdir(), env: { ...process.env } },
    ...{ platform: process.platform, execPath: process.execPath, warn: false },
    definitions: settings.definitions,
    shorthands: settings.shorthands,
    flatten: settings.flatten,
    nerfDarts: settings.nerfDarts,
  });
  await config.load();
  // As npm's documentation for pacote describes it; the package has no types.
  const pacote = createRequire(ownNpm().npmCli)('pacote') as {
    readonly packument: (spec: string, options: object) => Promise<unknown>;
  };
  return (name) => pacote.packument(name, { ...config.flat, fullMetadata: true });
}

async function fetchOne(name: string, client: Client): Promise<Fetched> {
  const file = path.join(KEPT, `${digestOf(name).slice(0, 24)}.json`);
  // Written below, by an earlier run.
  if (existsSync(file)) return { name, packument: JSON.parse(readFileSync(file, 'utf8')) as object };
  try {
    // A packument is a JSON object; whatever else it may be, `parseHistory` says.
    const packument = historyIn((await client(name)) as Parameters<typeof historyIn>[0]);
    writeFileSync(file, JSON.stringify(packument));
    return { name, packument };
  } catch (cause) {
    return {
      name,
      why: cause instanceof Error ? (cause.message.split('\n')[0] ?? 'unreachable') : 'unreachable',
    };
  }
}

function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

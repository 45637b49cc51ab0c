/** Asks a TUF repository what is current, and packs the answers into an archive. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fetcher } from 'tuf-js';
import { Updater } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import type { TufArchive } from './tuf-archive.ts';

/**
 * Downloads at most `limit` bytes from an http(s) URL without credentials; `undefined` when the server says there is no such file.
 * Throws on anything but a whole answer.
 */
export type Download = (url: string, limit: number) => Promise<Uint8Array | undefined>;

/** What to refresh: `root` is the trusted root metadata, `wanted` the target paths to bring along where they exist. */
export type RefreshRequest = {
  readonly url: string;
  readonly root: Uint8Array;
  /** A verified archive of an earlier refresh: what is older than it is a rollback. */
  readonly previous?: TufArchive;
  readonly wanted: readonly string[];
  readonly now: Date;
  readonly download: Download;
};

/**
 * Runs the TUF client workflow (TUF specification 5) with tuf-js, in a private folder that is removed afterwards.
 * Throws when the repository is unreachable, expired, rolled back or wrongly signed.
 */
export async function refreshArchive(request: RefreshRequest): Promise<TufArchive> {
  const folder = await mkdtemp(join(tmpdir(), 'npmsign-tuf-'));
  try {
    return await refreshIn(folder, request);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refreshIn(folder: string, request: RefreshRequest): Promise<TufArchive> {
  await seed(folder, request);
  const roots: string[] = [...(request.previous?.roots ?? [])];
  const updater = new Updater({
    metadataDir: folder,
    metadataBaseUrl: request.url,
    targetDir: join(folder, 'targets'),
    targetBaseUrl: `${request.url}/targets`,
    fetcher: fetcherFor(folder, request.download, roots),
  });
  await updater.refresh();
  const files = await targetFiles(updater, request.wanted);
  const metadata = await metadataIn(folder);
  const take = (name: string): string => {
    const text = metadata.get(name);
    if (text === undefined) throw new Error(`the TUF repository has no ${name}`);
    metadata.delete(name);
    return text;
  };
  const archive = { timestamp: take('timestamp'), snapshot: take('snapshot'), targets: take('targets') };
  metadata.delete('root');
  return {
    version: 1,
    refreshedAt: request.now.toISOString(),
    roots,
    ...archive,
    roles: Object.fromEntries(metadata),
    files,
  };
}

/** The folder starts with the newest root known, and with the last metadata seen, against rollback. */
async function seed(folder: string, { root, previous }: RefreshRequest): Promise<void> {
  await mkdir(join(folder, 'targets'));
  const newest = previous?.roots.at(-1);
  await writeFile(join(folder, 'root.json'), newest === undefined ? root : Buffer.from(newest, 'base64'));
  if (previous === undefined) return;
  for (const name of ['timestamp', 'snapshot', 'targets'] as const) {
    await writeFile(join(folder, `${name}.json`), Buffer.from(previous[name], 'base64'));
  }
}

/** tuf-js wants a fetcher; ours downloads through the caller, and keeps each new root on the way. */
function fetcherFor(folder: string, download: Download, roots: string[]): Fetcher {
  const downloadBytes = async (url: string, limit: number): Promise<Buffer> => {
    const answer = await download(url, limit);
    // The workflow asks for roots until there is none (TUF specification 5.3.3), and knows that by this error.
    if (answer === undefined) throw new DownloadHTTPError('there is no such file', 404);
    const bytes = Buffer.from(answer);
    if (/\/\d+\.root\.json$/.test(new URL(url).pathname)) roots.push(bytes.toString('base64'));
    return bytes;
  };
  return {
    downloadBytes,
    downloadFile: async (url, limit, handler) => {
      const path = join(folder, 'download');
      await writeFile(path, await downloadBytes(url, limit));
      return handler(path);
    },
  };
}

async function targetFiles(updater: Updater, wanted: readonly string[]): Promise<Record<string, string>> {
  const files: [string, string][] = [];
  for (const path of wanted) {
    const info = await updater.getTargetInfo(path);
    if (info === undefined) continue;
    files.push([path, (await readFile(await updater.downloadTarget(info))).toString('base64')]);
  }
  return Object.fromEntries(files);
}

async function metadataIn(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.json')) continue;
    const role = decodeURIComponent(name.slice(0, -'.json'.length));
    found.set(role, (await readFile(join(folder, name))).toString('base64'));
  }
  return found;
}

/** Remembers which lockfile a gate let pass in which checkout, in a folder of the user's that no commit can reach. */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { tame } from '../text/sanitize.ts';

/** A gate that opened. */
export type GateRun = {
  /** What called it, such as `preinstall` or `pnpm`. */
  readonly gate: string;
  /** ISO 8601. */
  readonly at: string;
  /** Hex, as {@link readLockfileDigest} gives it, of the lockfile that was judged. */
  readonly lockfile: string;
};

/** Where gates are remembered, and whose lockfile it is. Both absolute. */
export type GatePlace = { readonly directory: string; readonly lockfile: string };

/** Hex, over what a lockfile pins. Throws what the system throws. */
export async function readLockfileDigest(lockfile: string): Promise<string> {
  const text = await readFile(lockfile, 'latin1');
  // yarn adds the checksums of its own archives when it fetches them: they say nothing about what was judged.
  const pinned = /^__metadata:/m.test(text) ? text.replace(/^ {2}checksum: .*\r?\n/gm, '') : text;
  return createHash('sha256').update(pinned).digest('hex');
}

/** Remembers the last gate of a checkout; an earlier one is forgotten. Throws what the system throws. */
export async function writeGateRun(place: GatePlace, { gate, at, lockfile }: GateRun): Promise<void> {
  const file = await fileFor(place);
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify({ npmsign: 1, gate, at, lockfile })}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Why no gate can be counted on for this lockfile in this checkout; `undefined` where one opened for exactly these bytes. */
export async function findMissingGate(place: GatePlace): Promise<string | undefined> {
  const run = await readGateRun(place);
  if (run === undefined) return 'no gate has let an install pass in this checkout';
  if (run.lockfile === (await readLockfileDigest(place.lockfile))) return undefined;
  const when = tame(`${run.gate} at ${run.at}`, 120);
  return `the last gate that opened in this checkout (${when}) judged another ${basename(place.lockfile)}`;
}

/** A record that is no record counts as none: it can only refuse. */
async function readGateRun(place: GatePlace): Promise<GateRun | undefined> {
  const text = await readFile(await fileFor(place), 'utf8').catch(() => undefined);
  try {
    const { npmsign, gate, at, lockfile } = Object(JSON.parse(text ?? ''));
    const isWhole = [gate, at, lockfile].every((field) => typeof field === 'string');
    return npmsign === 1 && isWhole ? { gate, at, lockfile } : undefined;
  } catch {
    return undefined;
  }
}

/** Named by the checkout's real path: another checkout of the same commit has a file of its own. */
async function fileFor({ directory, lockfile }: GatePlace): Promise<string> {
  const checkout = await realpath(dirname(lockfile));
  return join(directory, `${createHash('sha256').update(checkout).digest('hex').slice(0, 32)}.json`);
}

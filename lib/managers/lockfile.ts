/** Makes sure that the lockfile that was judged is the one that is installed. */
import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { GateError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import type { ManagerKind } from './manager.ts';

/** A lockfile as it was at one moment. */
export type LockfileState = { readonly file: string; readonly digest: string };

/** Reads what a lockfile pins. */
export async function readLockfileState(file: string, kind: ManagerKind): Promise<LockfileState> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new GateError('LOCKFILE_CHANGED', `${tame(file, 300)} cannot be read any more.`, { cause });
  });
  // yarn adds the checksums of its own archives when it fetches them: they say nothing about what was judged.
  const text = kind === 'yarn-berry' ? bytes.toString('latin1').replace(/^ {2}checksum: .*\n/gm, '') : bytes;
  return { file, digest: createHash('sha256').update(text).digest('hex') };
}

/** Throws `GateError` `LOCKFILE_CHANGED` when the lockfile is not as it was. */
export async function assertUnchanged(
  { file, digest }: LockfileState,
  kind: ManagerKind,
  when: 'before' | 'after',
): Promise<void> {
  const now = await readLockfileState(file, kind);
  if (now.digest === digest) return;
  const what = { before: 'was being judged: nothing is installed', after: 'was being installed' }[when];
  throw new GateError('LOCKFILE_CHANGED', `${tame(path.basename(file), 100)} changed while it ${what}.`, {
    hint:
      when === 'before'
        ? 'See what wrote it, and run this again.'
        : 'What is installed may not be what was judged: delete node_modules, restore the lockfile, and run this again.',
  });
}

/** Throws `GateError` `LOCKFILE_CHANGED` when another file was judged than the manager installs from. */
export async function assertJudged(judged: string, { file }: LockfileState): Promise<void> {
  const [one, other] = await Promise.all([judged, file].map((place) => realpath(place).catch(() => place)));
  if (one === other) return;
  throw new GateError(
    'LOCKFILE_CHANGED',
    `${tame(judged, 200)} was judged, and ${tame(file, 200)} would be installed.`,
  );
}

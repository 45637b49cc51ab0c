/** The front door of what npmsign keeps for this user: places on disk that nobody else can write, and the key that seals what lies in them. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

import type { Host } from '../model/host.ts';
import { tame } from '../text/sanitize.ts';
import { codeOf, readSmallFile } from './files.ts';

export { codeOf, readSmallFile, type SmallFile } from './files.ts';

/** A place that was found fit, or why it is not. */
export type Place<T> =
  | { readonly kind: 'usable'; readonly value: T }
  | { readonly kind: 'unusable'; readonly reason: string };

/** This user's number; `undefined` on Windows, where files have access lists instead. */
export type Owner = number | undefined;

/**
 * Makes the directory if needed, and refuses it when it is a link, someone else's, or open to other writers: a place where
 * another user can act while we write is not ours.
 */
export function openDirectory(path: string, owner: Owner): Place<string> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return placeOf(path, { stat: lstatSync(path), owner });
  } catch (error) {
    return unusable(path, `cannot be made (${codeOf(error)})`);
  }
}

function placeOf(
  path: string,
  { stat, owner }: { readonly stat: Stats; readonly owner: Owner },
): Place<string> {
  if (stat.isSymbolicLink()) return unusable(path, 'is a symbolic link');
  if (!stat.isDirectory()) return unusable(path, 'is not a directory');
  if (owner === undefined) return { kind: 'usable', value: path };
  if (stat.uid !== owner) return unusable(path, 'belongs to another user');
  if ((stat.mode & 0o022) !== 0) return unusable(path, 'can be written by other users');
  return { kind: 'usable', value: path };
}

/** This user's number, where the system has such numbers. */
export function ownerOn(host: Pick<Host, 'platform'>): Place<Owner> {
  if (host.platform === 'win32') return { kind: 'usable', value: undefined };
  try {
    return { kind: 'usable', value: userInfo().uid };
  } catch (error) {
    return { kind: 'unusable', reason: `this user is not known to the system (${codeOf(error)})` };
  }
}

/**
 * A folder for what npmsign remembers for this user, such as `gates`: outside every cache and every project, so that it travels with neither.
 */
export function openState(host: Pick<Host, 'env' | 'platform'>, folder: string): Place<string> {
  const owner = ownerOn(host);
  if (owner.kind === 'unusable') return owner;
  const state = openDirectory(stateDirectoryOf(host), owner.value);
  return state.kind === 'unusable' ? state : openDirectory(join(state.value, folder), owner.value);
}

/** This user's folder for what can be made again, where the system keeps such things. */
export function openCacheDirectory(host: Pick<Host, 'env' | 'platform'>, owner: Owner): Place<string> {
  return openDirectory(cacheDirectoryOf(host), owner);
}

function cacheDirectoryOf({ env, platform }: Pick<Host, 'env' | 'platform'>): string {
  const home = homeOf(env);
  // Beside the folder of the key, not inside: who copies one does not copy the other.
  if (platform === 'win32') return `${stateDirectoryOf({ env, platform })}-cache`;
  const named = env['XDG_CACHE_HOME'];
  const usual = platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
  return join(named !== undefined && isAbsolute(named) ? named : usual, 'npmsign');
}

const SEAL_BYTES = 32;

/**
 * The key cached answers are sealed with: made once per user, kept outside every cache, so that it does not travel with one.
 * Two runs that make it at the same moment may disagree once; the loser's entries are merely asked again.
 */
export function readSeal(host: Pick<Host, 'env' | 'platform'>, owner: Owner): Place<Buffer> {
  const directory = openDirectory(stateDirectoryOf(host), owner);
  if (directory.kind === 'unusable') return directory;
  const path = join(directory.value, 'cache.key');
  const found = sealIn(path, owner);
  if (found.kind === 'usable' || exists(path)) return found;
  try {
    writeWhole(path, randomBytes(SEAL_BYTES));
  } catch (error) {
    return unusable(path, `cannot be written (${codeOf(error)})`);
  }
  return sealIn(path, owner);
}

function stateDirectoryOf({ env, platform }: Pick<Host, 'env' | 'platform'>): string {
  const home = homeOf(env);
  const named = platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_STATE_HOME'];
  const usual = platform === 'win32' ? join(home, 'AppData', 'Local') : join(home, '.local', 'state');
  return join(named !== undefined && isAbsolute(named) ? named : usual, 'npmsign');
}

function homeOf(env: Host['env']): string {
  return env['HOME'] || env['USERPROFILE'] || homedir();
}

function sealIn(path: string, owner: Owner): Place<Buffer> {
  const read = readSmallFile(path, SEAL_BYTES);
  if (read.status === 'unavailable') return { kind: 'unusable', reason: read.reason };
  if (read.value.length !== SEAL_BYTES)
    return unusable(path, 'is not a key; delete it to have a new one made');
  const stat = lstatSync(path);
  const isPrivate = owner === undefined || (stat.uid === owner && (stat.mode & 0o077) === 0);
  if (stat.isSymbolicLink() || !isPrivate)
    return unusable(path, 'can be read by other users; delete it to have a new one made');
  return { kind: 'usable', value: read.value };
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function unusable(path: string, why: string): { readonly kind: 'unusable'; readonly reason: string } {
  return { kind: 'unusable', reason: `${tame(path)} ${why}` };
}

/** Writes a file so that others see all of it or nothing. Throws what the system throws. */
export function writeWhole(path: string, bytes: Buffer | Iterable<Buffer>): void {
  const draft = join(dirname(path), `draft-${randomBytes(8).toString('hex')}`);
  try {
    writeNew(draft, bytes);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function writeNew(path: string, bytes: Buffer | Iterable<Buffer>): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    for (const piece of Buffer.isBuffer(bytes) ? [bytes] : bytes) writeAll(file, piece);
  } finally {
    closeSync(file);
  }
}

/** Adds to the end of a file that is there and is no link. Others may see a part of it. Throws what the system throws. */
export function appendTo(path: string, bytes: Buffer): void {
  const { O_APPEND, O_NOFOLLOW, O_WRONLY } = constants;
  const file = openSync(path, O_WRONLY | O_APPEND | (O_NOFOLLOW ?? 0));
  try {
    writeAll(file, bytes);
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

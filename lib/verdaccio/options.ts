/** Reads what a Verdaccio configuration says about signing. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { ServerError } from '../errors.ts';
import type { TrustPolicy } from '../model/policy.ts';
import { nearest } from '../text/nearest.ts';
import { tame } from '../text/sanitize.ts';

/** How this registry signs, and whom it believes. */
export type ServerOptions = {
  /** Absolute path of the folder for keys, signatures and attestations. */
  readonly directory: string;
  /** A key older than this many days signs no more. */
  readonly rotateKeyAfterDays: number;
  /** Whom the attestations that arrive are traced back to. */
  readonly trust: TrustPolicy;
  /** Most bytes of a publish, as Verdaccio itself limits it. */
  readonly largestBody: number;
};

/** A configuration: names and values that nobody has checked. */
export type Settings = ReadonlyMap<string, unknown>;

const NAMES = ['enabled', 'directory', 'rotateKeyAfterDays', 'trust'] as const;

/** Reads the section `middlewares.npmsign`, or `undefined` where it says `enabled: false`. Throws `ServerError` `SERVER_OPTIONS`. */
export function parseOptions(config: Settings): ServerOptions | undefined {
  const section = settingsOf(settingsOf(config.get('middlewares'))?.get('npmsign') ?? {});
  if (section === undefined) throw wrong('middlewares.npmsign', 'is not a map');
  for (const name of section.keys()) refuseUnknown(name, NAMES, 'middlewares.npmsign');
  const enabled = section.get('enabled') ?? true;
  if (typeof enabled !== 'boolean') throw wrong('middlewares.npmsign.enabled', 'is neither true nor false');
  if (!enabled) return undefined;
  return {
    directory: directoryOf(config, section),
    rotateKeyAfterDays: daysOf(section.get('rotateKeyAfterDays')),
    trust: trustOf(section.get('trust'), folderOf(config)),
    largestBody: bytesOf(config.get('max_body_size')),
  };
}

/** A map's members; `undefined` for what is none. */
export function settingsOf(value: unknown): Settings | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap ? new Map<string, unknown>(Object.entries(value)) : undefined;
}

function refuseUnknown(name: string, known: readonly string[], where: string): void {
  if (known.includes(name)) return;
  const close = nearest(name, known);
  throw new ServerError('SERVER_OPTIONS', `There is no option ${tame(name, 60)} in ${where}.`, {
    hint: close === undefined ? `Options are ${known.join(', ')}.` : `Did you mean ${close}?`,
  });
}

/** Paths in a configuration are relative to the file it stands in. */
function folderOf(config: Settings): string {
  const path = config.get('configPath') ?? config.get('self_path');
  return typeof path === 'string' ? dirname(path) : '.';
}

/** Beside the packages, under a name no package can have. */
function directoryOf(config: Settings, section: Settings): string {
  const chosen = section.get('directory');
  if (typeof chosen === 'string' && chosen !== '') return resolve(folderOf(config), chosen);
  if (chosen !== undefined) throw wrong('middlewares.npmsign.directory', 'is not a path');
  const storage = config.get('storage');
  if (typeof storage === 'string' && storage !== '')
    return resolve(folderOf(config), join(storage, '.npmsign'));
  throw new ServerError(
    'SERVER_OPTIONS',
    'Nobody says where the keys are kept: Verdaccio has no storage folder.',
    {
      hint: 'Set middlewares.npmsign.directory.',
    },
  );
}

const YEAR = 365;

function daysOf(value: unknown): number {
  if (value === undefined) return YEAR;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 36_500) return value;
  throw wrong('middlewares.npmsign.rotateKeyAfterDays', 'is not a whole number of days, 1 or more');
}

/** As in a policy's `trust.root` (SPEC 3). */
function trustOf(value: unknown, folder: string): TrustPolicy {
  const where = 'middlewares.npmsign.trust';
  const path = (file: string): string => (isAbsolute(file) ? file : resolve(folder, file));
  if (value === undefined || value === 'public-good')
    return { root: { kind: 'public-good' }, refresh: 'daily' };
  if (typeof value === 'string' && /\.json$/i.test(value)) {
    return { root: { kind: 'file', path: path(value) }, refresh: 'daily' };
  }
  const map = settingsOf(value);
  if (map === undefined) throw wrong(where, 'is neither public-good, nor a .json file, nor { tuf, root }');
  for (const name of map.keys()) refuseUnknown(name, ['tuf', 'root'], where);
  const [url, root] = [map.get('tuf'), map.get('root')];
  if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw wrong(`${where}.tuf`, 'is not an http or https URL');
  }
  if (typeof root !== 'string' || root === '') throw wrong(`${where}.root`, 'names no root.json');
  return { root: { kind: 'tuf', url, root: path(root) }, refresh: 'daily' };
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
]);

/** Verdaccio's own limit, and its default. */
function bytesOf(value: unknown): number {
  if (value === undefined) return 10 * 1024 ** 2;
  if (typeof value === 'number' && value > 0) return value;
  const found = /^([0-9]+(?:\.[0-9]+)?) *(b|kb|mb|gb)?$/i.exec(String(value).trim());
  if (found === null) throw wrong('max_body_size', `is ${tame(String(value), 60)}, which is no size`);
  return Math.floor(Number(found[1]) * (UNITS.get((found[2] ?? 'b').toLowerCase()) ?? 1));
}

function wrong(where: string, what: string): ServerError {
  return new ServerError('SERVER_OPTIONS', `${where} ${what}.`);
}

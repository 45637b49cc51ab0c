/** Parses what a registry says about one version. */
import type { Manifest, StatedSignature, ToldTime } from '../model/evidence.ts';
import type { PackageId } from '../model/package.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import {
  dateOf,
  fieldOf,
  isObject,
  type JsonObject,
  objectIn,
  type Parsed,
  pickedIn,
  textIn,
} from './json.ts';
import { tarballUrls } from './source.ts';

/** What was asked, so that the answer can be held to it. */
export type ManifestQuestion = {
  readonly id: PackageId;
  /** The registry that answered. */
  readonly registry: string;
  /** Where its tarballs are to be had too: a path below one of these is a path below each. */
  readonly bases: readonly string[];
  /** The registry is the public one or its mirror: only there is the publish stamp written by the registry itself. */
  readonly isNpm: boolean;
  readonly now: Date;
};

/** Parses a version manifest. An answer about another package or version is malformed. Total: never throws. */
export function parseManifest(json: unknown, question: ManifestQuestion): Parsed<Manifest> {
  if (!isObject(json)) return malformed('its manifest is not a JSON object');
  const { name, version } = question.id;
  if (fieldOf(json, 'name') !== name || fieldOf(json, 'version') !== version) {
    return malformed(`asked about ${specOf(question.id)}, it answered about ${said(json)}`);
  }
  const dist = fieldOf(json, 'dist');
  if (!isObject(dist)) return malformed('its manifest has no dist');
  return { kind: 'value', value: manifestIn({ json, dist, question }) };
}

/** What of a manifest is kept for the next run: as served, all that `parseManifest` looks at. The rest is most of it. */
export function essenceOf(json: JsonObject): JsonObject {
  return {
    name: fieldOf(json, 'name'),
    version: fieldOf(json, 'version'),
    repository: fieldOf(json, 'repository'),
    deprecated: fieldOf(json, 'deprecated'),
    gypfile: fieldOf(json, 'gypfile'),
    bin: fieldOf(json, 'bin'),
    dist: pickedIn(json, 'dist', ['integrity', 'shasum', 'tarball', 'signatures', 'attestations']),
    scripts: pickedIn(json, 'scripts', INSTALL_SCRIPTS),
    directories: pickedIn(json, 'directories', ['bin']),
    _npmOperationalInternal: pickedIn(json, '_npmOperationalInternal', ['tmp']),
  };
}

/** An optional field is absent, never undefined. */
function manifestIn({ json, dist, question }: Stated): Manifest {
  const tarball = textIn(dist, 'tarball');
  const manifest: Draft = {
    registry: question.registry,
    tarballs: tarballUrls(tarball, question.bases),
    signatures: signaturesOf(fieldOf(dist, 'signatures')),
    announcesAttestations: isStated(fieldOf(dist, 'attestations')),
    announcesProvenance: isStated(fieldOf(objectIn(dist, 'attestations'), 'provenance')),
    installScripts: installScriptsOf(json),
    bins: binsOf(json, question.id.name),
  };
  const integrity = integrityOf(dist);
  if (integrity !== undefined) manifest.integrity = integrity;
  if (tarball !== undefined) manifest.tarball = tarball;
  const publishedAt = question.isNpm ? stampOf(json, question) : undefined;
  if (publishedAt !== undefined) manifest.publishedAt = publishedAt;
  const repository = repositoryOf(fieldOf(json, 'repository'));
  if (repository !== undefined) manifest.repository = repository;
  const deprecated = deprecationOf(fieldOf(json, 'deprecated'));
  if (deprecated !== undefined) manifest.deprecated = deprecated;
  return manifest;
}

type Stated = {
  readonly json: JsonObject;
  readonly dist: JsonObject;
  readonly question: ManifestQuestion;
};

type Draft = { -readonly [Field in keyof Manifest]: Manifest[Field] };

function malformed(reason: string): { readonly kind: 'malformed'; readonly reason: string } {
  return { kind: 'malformed', reason };
}

function said(json: JsonObject): string {
  return tame(`${textIn(json, 'name') ?? 'nothing'}@${textIn(json, 'version') ?? 'nothing'}`, 200);
}

/** `dist.integrity`; versions from before 2017 have only the sha1 in hex, which npm reads as an integrity too. */
function integrityOf(dist: JsonObject): string | undefined {
  const integrity = textIn(dist, 'integrity');
  if (integrity !== undefined) return integrity;
  const shasum = textIn(dist, 'shasum');
  if (shasum === undefined || !/^[0-9a-f]{40}$/i.test(shasum)) return undefined;
  return `sha1-${Buffer.from(shasum, 'hex').toString('base64')}`;
}

/**
 * The moment of publishing, in milliseconds, inside the name of the registry's own temporary file:
 * `tmp/name_1.0.0_1613835780581_0.5`, before 2017 `tmp/name-1.0.0.tgz_1477482094328_0.5`.
 */
function stampOf(json: JsonObject, { id, now }: ManifestQuestion): ToldTime | undefined {
  const file = textIn(objectIn(json, '_npmOperationalInternal'), 'tmp') ?? '';
  const base = id.name.slice(id.name.indexOf('/') + 1);
  const prefix = [`tmp/${base}_${id.version}_`, `tmp/${base}-${id.version}.tgz_`].find((text) =>
    file.startsWith(text),
  );
  const stamp = prefix === undefined ? null : /^([0-9]{13})_[0-9.e-]{1,40}$/.exec(file.slice(prefix.length));
  const at = stamp === null ? undefined : dateOf(Number(stamp[1]), now);
  return at === undefined ? undefined : { at, from: 'manifest' };
}

/** A string, an object with `url`, or a shorthand: as written. */
function repositoryOf(value: unknown): string | undefined {
  if (isObject(value)) return textIn(value, 'url');
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function deprecationOf(value: unknown): string | undefined {
  if (value === true) return 'deprecated';
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Malformed signatures are kept as ones that cannot hold: malformed evidence is refuted, never absent (SPEC 4.5). */
function signaturesOf(value: unknown): readonly StatedSignature[] {
  if (value === undefined || value === null) return [];
  const listed: readonly unknown[] = Array.isArray(value) ? value : [value];
  return listed.map((item) => {
    const { keyid, sig } = isObject(item) ? { keyid: textIn(item, 'keyid'), sig: textIn(item, 'sig') } : {};
    return keyid === undefined || sig === undefined ? { keyid: '', sig: '' } : { keyid, sig };
  });
}

function isStated(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

/** The scripts npm runs when a tarball from a registry is installed (npm docs, "Life Cycle Operation Order"). */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'] as const;

function installScriptsOf(json: JsonObject): readonly string[] {
  const scripts = objectIn(json, 'scripts');
  const named = INSTALL_SCRIPTS.filter((name) => isStated(fieldOf(scripts, name)));
  // A binding.gyp makes npm run node-gyp, unless the package has a preinstall or install script of its own.
  const implicit = fieldOf(json, 'gypfile') === true && !named.some((name) => name !== 'postinstall');
  return implicit ? ['node-gyp rebuild', ...named] : named;
}

/** Stands for commands whose names only the tarball knows: every file of `directories.bin`. */
export const UNNAMED_BINS = '*';

/** The command names npm would link: cleaned as npm cleans them, or `x/node` would hide a `node`. */
function binsOf(json: JsonObject, name: string): readonly string[] {
  const bin = fieldOf(json, 'bin');
  const names = isObject(bin) ? Object.keys(bin) : Array.isArray(bin) ? bin.map(String) : [];
  const own = typeof bin === 'string' && bin !== '' ? [name] : [];
  // With a `bin`, npm ignores `directories.bin`.
  const unnamed = bin === undefined && textIn(objectIn(json, 'directories'), 'bin') !== undefined;
  const linked = [...names, ...own].map(commandName).filter((command) => command !== '');
  return [...new Set(unnamed ? [UNNAMED_BINS, ...linked] : linked)].sort();
}

/** The last part of a path, whichever separator was used (npm-normalize-package-bin). */
function commandName(key: string): string {
  const parts = key.split(/[\\/:]/).filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  return last === '.' || last === '..' ? '' : last;
}

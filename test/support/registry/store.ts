/** What a loopback registry holds: versions of packages, as they were published. */
import { createHash } from 'node:crypto';
import type { StatedSignature } from '../../../lib/model/evidence.ts';
import type { AttestationsJson } from '../sigstore/index.ts';

/** One published version, writable: tests make a registry lie about it. */
export type Published = {
  readonly name: string;
  readonly version: string;
  /** The version manifest as served, with `dist` and npm's own fields. */
  manifest: Manifest;
  tarball: Buffer;
  /** What the attestations endpoint answers; absent: 404. */
  attestations?: AttestationsJson;
  /** When the full packument says it was published. */
  readonly publishedAt: Date;
};

/** A version manifest. Fields besides these are those of package.json. */
export type Manifest = {
  name: string;
  version: string;
  dist: Dist;
  [field: string]: unknown;
};

/** Where the tarball is, what it hashes to, and who vouches for it. */
export type Dist = {
  tarball: string;
  integrity?: string;
  shasum?: string;
  signatures?: StatedSignature[];
  attestations?: { url: string; provenance?: { predicateType: string } };
  [field: string]: unknown;
};

/** Packages by name, versions in the order they were published. */
export type Store = {
  readonly put: (published: Published) => void;
  readonly find: (name: string, version: string) => Published | undefined;
  readonly versionsOf: (name: string) => readonly Published[];
  readonly findTarball: (name: string, file: string) => Published | undefined;
};

/** An empty store. */
export function createStore(): Store {
  const packages = new Map<string, Map<string, Published>>();
  const versionsOf = (name: string) => [...(packages.get(name)?.values() ?? [])];
  return {
    put(published) {
      const versions = packages.get(published.name) ?? new Map<string, Published>();
      packages.set(published.name, versions.set(published.version, published));
    },
    find: (name, version) => packages.get(name)?.get(version),
    versionsOf,
    findTarball: (name, file) =>
      versionsOf(name).find(({ version }) => tarballFileOf({ name, version }) === file),
  };
}

/** `name-1.2.3.tgz`, the scope left out. */
export function tarballFileOf({
  name,
  version,
}: {
  readonly name: string;
  readonly version: string;
}): string {
  return `${unscoped(name)}-${version}.tgz`;
}

/** The name without its scope. */
export function unscoped(name: string): string {
  return name.replace(/^@[^/]*\//, '');
}

/** SRI and old-style hash of a tarball, as the registry lists them. */
export function hashesOf(tarball: Uint8Array): { readonly integrity: string; readonly shasum: string } {
  return {
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
    shasum: createHash('sha1').update(tarball).digest('hex'),
  };
}

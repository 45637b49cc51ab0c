/** Keeps what was signed and what was attested, one small file for each; a file is written once and never changed. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerError } from '../errors.ts';
import type { PackageId } from '../model/package.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import { codeOf, writeOnce } from './files.ts';
import type { StoredSignature } from './keys.ts';
import { settingsOf } from './options.ts';

/** Certain bytes under a name and version. */
export type Release = {
  readonly id: PackageId;
  /** One sha512, as `dist.integrity` states it. */
  readonly integrity: string;
};

/** A bundle as it came, and what its statement is of. */
export type StoredAttestation = { readonly predicateType: string; readonly bundle: unknown };

/** What is known of a release. */
export type Kept = {
  readonly signature?: StoredSignature;
  /** Of the attestations there are. */
  readonly predicateTypes: readonly string[];
  /** This version was signed before, with other bytes. */
  readonly hasOtherBytes: boolean;
};

/** The records of one registry. */
export type Records = {
  /** What is known of some releases of one package, in their order. */
  readonly find: (name: string, releases: readonly Release[]) => Promise<readonly Kept[]>;
  readonly readAttestations: (release: Release) => Promise<readonly StoredAttestation[]>;
  readonly keepSignature: (release: Release, signature: StoredSignature) => void;
  /** `differs`: there is another of the same kind already, and it stays. */
  readonly keepAttestation: (release: Release, attestation: StoredAttestation) => Promise<'kept' | 'differs'>;
};

/** What a registry takes in: how a release was built, or that it is one. */
export const ATTESTATION_KINDS = [
  { predicateType: 'https://slsa.dev/provenance/v1', kind: 'provenance', label: 'slsa-provenance-v1' },
  { predicateType: 'https://slsa.dev/provenance/v0.2', kind: 'provenance', label: 'slsa-provenance-v0.2' },
  { predicateType: 'https://in-toto.io/attestation/release/v0.1', kind: 'release', label: 'release-v0.1' },
] as const;

/** Opens the records below a folder, which need not be there yet. */
export function openRecords(directory: string): Records {
  const shelf: Shelf = { directory };
  return {
    find: (name, releases) => findAll(shelf, name, releases),
    readAttestations: (release) => readAttestations(shelf, release),
    keepSignature(release, signature) {
      const { id, integrity } = release;
      writeOnce(
        pathOf(shelf, release, 'signature'),
        `${JSON.stringify({ ...id, integrity, ...signature })}\n`,
      );
    },
    async keepAttestation(release, attestation) {
      const label = ATTESTATION_KINDS.find(
        ({ predicateType }) => predicateType === attestation.predicateType,
      );
      if (label === undefined) throw new TypeError('not an attestation this registry takes in');
      const there = (await readAttestations(shelf, release)).find(
        ({ predicateType }) => kindOf(predicateType) === label.kind,
      );
      const text = JSON.stringify(attestation);
      if (there !== undefined) return JSON.stringify(there) === text ? 'kept' : 'differs';
      writeOnce(pathOf(shelf, release, label.label), text);
      return 'kept';
    },
  };
}

/** The kind of statement, where it is one a registry takes in. */
export function kindOf(predicateType: string): 'provenance' | 'release' | undefined {
  return ATTESTATION_KINDS.find((known) => known.predicateType === predicateType)?.kind;
}

type Shelf = { readonly directory: string };

/** File systems that do not tell letter case apart cannot mix up two releases: digests are over the exact words. */
function fileOf({ id, integrity }: Release, label: string): string {
  return `${versionMark(id)}${digestOf(`${specOf(id)}:${integrity}`)}.${label}.json`;
}

/** How the names of all files about one version begin, whatever its bytes. */
function versionMark(id: PackageId): string {
  return `${digestOf(specOf(id)).slice(0, 32)}-`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function folderOf({ directory }: Shelf, name: string): string {
  return join(directory, encodeURIComponent(name).replaceAll('*', '%2A'));
}

function pathOf(shelf: Shelf, release: Release, label: string): string {
  return join(folderOf(shelf, release.id.name), fileOf(release, label));
}

async function findAll(shelf: Shelf, name: string, releases: readonly Release[]): Promise<readonly Kept[]> {
  const files = new Set(await namesIn(folderOf(shelf, name)));
  return Promise.all(
    releases.map(async (release) => {
      const types = ATTESTATION_KINDS.filter(({ label }) => files.has(fileOf(release, label)));
      const predicateTypes = types.map(({ predicateType }) => predicateType);
      if (files.has(fileOf(release, 'signature'))) {
        return { predicateTypes, hasOtherBytes: false, signature: await readSignature(shelf, release) };
      }
      const mark = versionMark(release.id);
      const hasOtherBytes = [...files].some(
        (file) => file.startsWith(mark) && file.endsWith('.signature.json'),
      );
      return { predicateTypes, hasOtherBytes };
    }),
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readSignature(shelf: Shelf, release: Release): Promise<StoredSignature> {
  const path = pathOf(shelf, release, 'signature');
  const members = await readJson(path);
  const [keyid, sig] = [members.get('keyid'), members.get('sig')];
  if (typeof keyid !== 'string' || typeof sig !== 'string') throw damaged(path);
  return { keyid, sig };
}

async function readAttestations(shelf: Shelf, release: Release): Promise<readonly StoredAttestation[]> {
  const files = new Set(await namesIn(folderOf(shelf, release.id.name)));
  const there = ATTESTATION_KINDS.filter(({ label }) => files.has(fileOf(release, label)));
  return Promise.all(
    there.map(async ({ predicateType, label }) => {
      const members = await readJson(pathOf(shelf, release, label));
      return { predicateType, bundle: members.get('bundle') };
    }),
  );
}

async function readJson(path: string): Promise<ReadonlyMap<string, unknown>> {
  const text = await readFile(path, 'utf8');
  const members = settingsOf(jsonOf(text));
  if (members === undefined) throw damaged(path);
  return members;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is one way of being damaged; the caller names the file.
    return undefined;
  }
}

function damaged(path: string): ServerError {
  return new ServerError('SERVER_RECORDS', `The record ${tame(path)} is damaged.`, {
    hint: 'Restore it from a backup, or delete it: a signature is then made anew, an attestation is lost.',
  });
}

/** Reads cases of the corpus of real signed data as questions to the room that proves. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Integrity, PackageId } from '../../lib/model/package.ts';
import {
  type BundleArtifact,
  parseRegistryKeys,
  parseTrustedRoot,
  type RegistryKey,
  type TrustMaterial,
} from '../../lib/sigstore/index.ts';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { corpusDirectory } from '../support/corpus.ts';

/** What a case expects, read member by member. */
export type Expected = { readonly [name: string]: unknown };

/** Where the corpus is; `''` when there is none, and then every test that needs it skips. */
export const corpus: string = corpusDirectory() ?? '';

/** One folder of the corpus. */
export type CorpusCase = { readonly name: string; readonly directory: string; readonly expected: Expected };

/** All cases of one kind, by name. */
export function casesOf(kind: string): readonly CorpusCase[] {
  if (corpus === '') return [];
  return readdirSync(path.join(corpus, kind), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const directory = path.join(corpus, kind, name);
      return { name, directory, expected: readJson(path.join(directory, 'expected.json')) as Expected };
    });
}

/** A JSON file; `undefined` when it is not JSON, as the registry client would refuse it. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The public-good trusted root, or the one the case names. */
export function trustOf({ directory, expected }: CorpusCase): TrustMaterial {
  return parseTrustedRoot(readJson(trustedRootFile({ directory, expected })));
}

/** The path of the trusted root a case is judged under. */
export function trustedRootFile({ directory, expected }: Pick<CorpusCase, 'directory' | 'expected'>): string {
  const named = expected['trustedRoot'];
  return typeof named === 'string'
    ? path.join(directory, named)
    : path.join(corpus, 'trust/public-good/trusted_root.json');
}

/** npm's keys, or those the case names. */
export function keysOf({ directory, expected }: CorpusCase): readonly RegistryKey[] {
  return parseRegistryKeys(readJson(keysFile({ directory, expected })));
}

/** The path of the keys a case is judged under. */
export function keysFile({ directory, expected }: Pick<CorpusCase, 'directory' | 'expected'>): string {
  const named = expected['npmKeys'];
  // Cases of registry signatures name the keys relative to the corpus, in differing depths.
  return typeof named === 'string'
    ? path.join(
        named.includes('derived') ? directory : corpus,
        named.includes('derived') ? named : PUBLIC_KEYS,
      )
    : path.join(corpus, PUBLIC_KEYS);
}

const PUBLIC_KEYS = 'trust/public-good/npm-keys.json';

/** The package a case is about, as a lockfile would pin it. */
export function packageOf({ expected }: CorpusCase): {
  readonly id: PackageId;
  readonly integrity: Integrity | undefined;
} {
  const tarball = expected['tarball'];
  const pinned =
    typeof tarball === 'object' && tarball !== null && 'sha512' in tarball
      ? String(tarball.sha512)
      : String(expected['tarballSha512'] ?? expected['subjectSha512']);
  return {
    id: { name: String(expected['name']), version: String(expected['version']) },
    integrity: parseIntegrity(`sha512-${Buffer.from(pinned, 'hex').toString('base64')}`),
  };
}

/** The artifact of a bundle case: its file, else its digest, else none. */
export function artifactOf({ directory, expected }: CorpusCase): BundleArtifact | undefined {
  const named = expected['artifact'];
  if (typeof named === 'string' && existsSync(path.join(directory, named))) {
    return { kind: 'bytes', bytes: readFileSync(path.join(directory, named)) };
  }
  const digest = expected['artifactDigest'] as { algorithm?: string; hex?: string } | null | undefined;
  return digest?.algorithm === 'SHA2_256' && digest.hex !== undefined
    ? { kind: 'digest', algorithm: 'sha256', hex: digest.hex }
    : undefined;
}

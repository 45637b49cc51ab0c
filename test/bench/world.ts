/** Mints everything the benchmark's registry answers, once for each lockfile, and keeps it on disk. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { publicRegistry } from '../support/public-registry.ts';
import {
  createSigstore,
  identityFor,
  keyAt,
  keysTargetJson,
  registrySignature,
  type Sigstore,
} from '../support/sigstore/index.ts';
import { BENCH_CACHE, entriesOf, type Lockfile } from './lockfile.ts';
import { manifestOf, repositoryOf, type Version, versionsOf } from './manifests.ts';

/** A minted world on disk. */
export type World = {
  /** Holds `answers.ndjson`, `trusted_root.json` and `keys.json`. */
  readonly dir: string;
  /** Entries of the lockfile. */
  readonly entries: number;
  /** Distinct versions among them. */
  readonly packages: number;
  readonly attested: number;
  /** Entries whose version is attested: who asks about every entry asks about some versions more than once. */
  readonly attestedEntries: number;
};

/** One answer: the decoded path it is served at, and its body as base64 of gzip. */
export type Answer = { readonly path: string; readonly gzip: string };

// Another number makes worlds anew. Keys are minted with a world, so they are kept together.
const GENERATION = 2;

/** The world of a lockfile: at once when it was made before. */
export function worldOf(lockfile: Lockfile, cache = BENCH_CACHE): World {
  const entries = entriesOf(lockfile);
  const versions = versionsOf(entries);
  const digest = createHash('sha256')
    .update(`${GENERATION} ${JSON.stringify(lockfile)}`)
    .digest('hex')
    .slice(0, 12);
  const dir = path.join(cache, `world-${digest}`);
  if (!existsSync(dir)) mintInto(dir, versions);
  const attested = versions.filter((version) => version.attested);
  const specs = new Set(attested.map(({ name, version }) => `${name}@${version}`));
  return {
    dir,
    entries: entries.length,
    packages: versions.length,
    attested: attested.length,
    attestedEntries: entries.filter(([, name, { version }]) => specs.has(`${name}@${version}`)).length,
  };
}

/** The answers kept in a world. */
export function answersIn(dir: string): readonly Answer[] {
  const lines = readFileSync(path.join(dir, 'answers.ndjson'), 'utf8').trimEnd().split('\n');
  // Written by `mintInto`.
  return lines.map((line) => JSON.parse(line) as Answer);
}

function mintInto(dir: string, versions: readonly Version[]): void {
  const sigstore = createSigstore('bench');
  const { all } = sigstore.registryKeys;
  const partial = `${dir}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const lines = versions.flatMap((of) => answersAbout(of, sigstore)).map((answer) => JSON.stringify(answer));
  writeFileSync(path.join(partial, 'answers.ndjson'), `${lines.join('\n')}\n`);
  writeFileSync(path.join(partial, 'trusted_root.json'), JSON.stringify(sigstore.trustedRoot()));
  writeFileSync(path.join(partial, 'keys.json'), JSON.stringify(keysTargetJson(all)));
  renameSync(partial, dir);
}

function answersAbout(of: Version, sigstore: Sigstore): Answer[] {
  const { name, version, integrity, publishedAt, attested } = of;
  const id = { name, version, integrity };
  const signature = registrySignature(keyAt(sigstore.registryKeys, publishedAt), id);
  const manifest = answer(`/${name}/${version}`, manifestOf(of, signature));
  if (!attested) return [manifest];
  const repository = repositoryOf(of);
  const attestations = sigstore.mintAttestations({
    ...id,
    at: publishedAt,
    registry: publicRegistry(),
    identity: identityFor(id, { repository }),
  });
  return [manifest, answer(`/-/npm/v1/attestations/${name}@${version}`, attestations)];
}

function answer(at: string, body: object): Answer {
  return { path: at, gzip: gzipSync(JSON.stringify(body)).toString('base64') };
}

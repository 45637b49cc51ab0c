/** Opens the trust root: from a file, from a TUF repository, from the cache, or as it ships inside npmsign. */
import { hash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TrustError } from '../errors.ts';
import type { TrustPolicy } from '../model/policy.ts';
import type { Notice, TrustOrigin } from '../model/report.ts';
import { tame } from '../text/sanitize.ts';
import { type EmbeddedRoot, embeddedRoot } from './embedded-root.ts';
import { parseRegistryKeys, type RegistryKey } from './registry-keys.ts';
import { ageInDays, staleNotice } from './trust-age.ts';
import { ageOfKept, type KeptRequest, readKept } from './trust-kept.ts';
import { parseTrustedRoot, type TrustMaterial } from './trusted-root.ts';
import type { TufArchive, VerifiedArchive } from './tuf-archive.ts';
import type { Download } from './tuf-refresh.ts';

/** The target every Sigstore TUF repository has. */
const TRUSTED_ROOT = 'trusted_root.json';
/** The target that names the services to sign with, where the repository has one. */
const SIGNING_CONFIG = 'signing_config.v0.2.json';

/** Whom signatures are traced back to in this run. */
export type Trust = {
  readonly material: TrustMaterial;
  /** What the material was parsed from: another thread parses it for itself. */
  readonly json: unknown;
  /** Keys of the public npm registry, from the trust root's TUF target. */
  readonly npmKeys: readonly RegistryKey[];
  /** SHA-256, in hex, of what each was parsed from. */
  readonly digest: string;
  /** The text of the signing config that comes with the root; only signing reads it. */
  readonly signingConfig?: string;
  /** All a machine without a network needs to verify this root anew; absent where it ships with npmsign or is a file of the user's. */
  readonly archive?: TufArchive;
  readonly origin: TrustOrigin;
  readonly notices: readonly Notice[];
};

/** How to open the trust root. */
export type TrustRequest = {
  readonly policy: TrustPolicy;
  readonly cwd: string;
  /** Path of a trusted_root.json that replaces the policy's root, relative to `cwd`. */
  readonly trustedRoot?: string;
  readonly offline: boolean;
  /** Absolute path of the cache folder. Absent: nothing is remembered. */
  readonly cacheDirectory?: string;
  /** The text of an archive that was carried here: used when it verifies and is newer than what is here. */
  readonly carried?: string;
  readonly now: Date;
  readonly download: Download;
};

/**
 * Opens the trust root. A refresh that does not work falls back to the cached, then to the embedded root, with a notice.
 * Throws `TrustError` when a named file is unreadable, or a private TUF repository can be neither reached nor found in the cache.
 */
export async function openTrust(request: TrustRequest): Promise<Trust> {
  const embedded = embeddedRoot();
  const { root } = request.policy;
  const file = request.trustedRoot ?? (root.kind === 'file' ? root.path : undefined);
  if (file !== undefined) return trustFromFile(resolve(request.cwd, file), embedded);
  return root.kind === 'tuf'
    ? trustFromTuf(request, { url: root.url.replace(/\/+$/, ''), root: await readRoot(root.root), embedded })
    : trustFromTuf(request, { url: embedded.url, root: embedded.root, embedded });
}

/** Reads a trusted_root.json the user named. */
async function trustFromFile(path: string, embedded: EmbeddedRoot): Promise<Trust> {
  return {
    ...rootIn({ trustedRoot: await readRoot(path), keys: embedded.keys }, path),
    origin: { root: tame(path), source: 'file', ageDays: 0 },
    notices: [],
  };
}

type Place = { readonly url: string; readonly root: Uint8Array; readonly embedded: EmbeddedRoot };

async function trustFromTuf(request: TrustRequest, place: Place): Promise<Trust> {
  const isPublicGood = place.url === place.embedded.url;
  const notices: Notice[] = [];
  const kept = await readKept(keptRequest(request, place), notices);
  const age = kept === undefined ? undefined : ageOfKept(kept, request.now);
  if (request.offline || !isDue(request, age)) {
    if (kept !== undefined) return trustOf(place, kept, { source: 'cached', age: age ?? 0, notices });
    if (isPublicGood) return trustFromEmbedded(place.embedded, request, notices);
    throw unavailable(place.url, 'it is not in the cache, and this run may not ask the network');
  }
  const fresh = await refreshed(request, place, kept?.archive);
  if (!('reason' in fresh)) return trustOf(place, fresh, { source: 'refreshed', age: 0, notices });
  notices.push({
    code: 'TRUST_ROOT_NOT_REFRESHED',
    message: `The trust root could not be refreshed (${fresh.reason.replace(/\.$/, '')}); the ${kept?.from ?? 'embedded'} one is used.`,
  });
  if (kept !== undefined) return trustOf(place, kept, { source: 'cached', age: age ?? 0, notices });
  if (isPublicGood) return trustFromEmbedded(place.embedded, request, notices);
  throw unavailable(place.url, fresh.reason);
}

function keptRequest({ cacheDirectory, carried }: TrustRequest, { url, root, embedded }: Place): KeptRequest {
  return {
    root,
    ...(cacheDirectory === undefined ? {} : { cached: archivePath(cacheDirectory, url) }),
    ...(carried === undefined ? {} : { carried }),
    ...(url === embedded.url ? { embeddedAsOf: new Date(embedded.asOf) } : {}),
  };
}

/** Policy `trust.refresh`: a negative age means a clock that went back, so it is due as well. */
function isDue({ policy }: TrustRequest, age: number | undefined): boolean {
  if (policy.refresh === 'never') return false;
  return policy.refresh === 'always' || age === undefined || age < 0 || age >= 1;
}

type Verified = { readonly archive: TufArchive; readonly verified: VerifiedArchive };

async function refreshed(
  request: TrustRequest,
  place: Place,
  previous: TufArchive | undefined,
): Promise<Verified | { readonly reason: string }> {
  try {
    const [{ refreshArchive }, { verifyArchive }] = await Promise.all([
      import('./tuf-refresh.ts'),
      import('./tuf-archive.ts'),
    ]);
    const archive = await refreshArchive({
      url: place.url,
      root: place.root,
      wanted: [TRUSTED_ROOT, SIGNING_CONFIG, place.embedded.keysTarget],
      now: request.now,
      download: request.download,
      ...(previous === undefined ? {} : { previous }),
    });
    const verified = verifyArchive(archive, place.root);
    // tuf-js asks the machine's own clock, which need not be the moment of judgement (TUF specification 5.4.4).
    if (verified.expiresAt <= request.now) {
      throw new Error(`it has expired: it was valid until ${verified.expiresAt.toISOString()}`);
    }
    await writeArchive(request, place, archive);
    return { archive, verified };
  } catch (error) {
    return { reason: tame(error instanceof Error ? error.message : String(error), 120) };
  }
}

/** Written whole or not at all. A cache that cannot be written costs a refresh next time, nothing else. */
async function writeArchive(
  { cacheDirectory }: TrustRequest,
  { url }: Place,
  archive: TufArchive,
): Promise<void> {
  if (cacheDirectory === undefined) return;
  const path = archivePath(cacheDirectory, url);
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(join(cacheDirectory, 'trust'), { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify(archive), { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  } catch {
    await rm(draft, { force: true });
  }
}

function trustOf(
  place: Place,
  { archive, verified }: Verified,
  state: { readonly source: 'cached' | 'refreshed'; readonly age: number; readonly notices: Notice[] },
): Trust {
  const trustedRoot = verified.files.get(TRUSTED_ROOT);
  if (trustedRoot === undefined) throw unavailable(place.url, 'it holds no trusted_root.json');
  const keys = verified.files.get(place.embedded.keysTarget) ?? place.embedded.keys;
  const root = place.url === place.embedded.url ? 'public-good' : tame(place.url);
  const config = verified.files.get(SIGNING_CONFIG);
  return {
    ...rootIn({ trustedRoot, keys }, root),
    ...(config === undefined ? {} : { signingConfig: Buffer.from(config).toString('utf8') }),
    archive,
    origin: { root, source: state.source, ageDays: Math.max(0, state.age) },
    notices: [...state.notices, ...staleNotice(state.age)],
  };
}

function trustFromEmbedded(embedded: EmbeddedRoot, { now }: TrustRequest, notices: readonly Notice[]): Trust {
  const age = ageInDays(new Date(embedded.asOf), now);
  return {
    ...rootIn(embedded, 'embedded'),
    origin: { root: 'public-good', source: 'embedded', ageDays: Math.max(0, age) },
    notices: [...notices, ...staleNotice(age)],
  };
}

async function readRoot(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new TrustError('TRUST_ROOT_UNAVAILABLE', `The trust root ${tame(path)} cannot be read.`, {
      cause,
      hint: 'Check the path in the policy (trust.root) or after --trusted-root.',
    });
  }
}

type Bytes = { readonly trustedRoot: Uint8Array; readonly keys: Uint8Array };

function rootIn(
  { trustedRoot, keys }: Bytes,
  where: string,
): Pick<Trust, 'material' | 'json' | 'npmKeys' | 'digest'> {
  const json = jsonOf(trustedRoot, where);
  const digest = [trustedRoot, keys].map((bytes) => hash('sha256', bytes, 'hex')).join(' ');
  return { material: parseTrustedRoot(json), json, npmKeys: parseRegistryKeys(jsonOf(keys, 'keys')), digest };
}

function jsonOf(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new TrustError('TRUST_ROOT_MALFORMED', `The trust root ${tame(where)} is not JSON.`, { cause });
  }
}

function archivePath(cacheDirectory: string, url: string): string {
  return join(cacheDirectory, 'trust', `${hash('sha256', url, 'hex').slice(0, 32)}.json`);
}

function unavailable(url: string, reason: string): TrustError {
  return new TrustError('TRUST_ROOT_UNAVAILABLE', `No trust root from ${tame(url)}: ${reason}.`, {
    hint: 'Run once with the network, or name a trusted_root.json with --trusted-root.',
  });
}

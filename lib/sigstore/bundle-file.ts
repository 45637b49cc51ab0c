/** Judges one bundle file about one artifact under one expected signer. */
import { isUtf8 } from 'node:buffer';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SigningError, UsageError } from '../errors.ts';
import type { Identity } from '../model/evidence.ts';
import { tame } from '../text/sanitize.ts';
import type { TrustMaterial } from './trusted-root.ts';
import { type BundleArtifact, type BundleThresholds, verifyBundle } from './verify-bundle.ts';

/** A bundle is a few kilobytes; what is larger is not one. */
const BUNDLE_LIMIT = 16 * 1024 * 1024;

/** Who is expected to have signed: exactly this certificate identity, this key, or (unsafe) anybody the trust root vouches for. */
export type ExpectedSigner =
  | { readonly kind: 'certificate'; readonly subject: string; readonly issuer: string }
  | { readonly kind: 'key'; readonly path: string }
  | { readonly kind: 'unsafe-any' };

/** One bundle, one artifact, one expected signer. Paths are relative to `cwd`. */
export type BundleQuestion = {
  readonly cwd: string;
  readonly bundle: string;
  /** A file, or `sha256:` or `sha512:` and hex. Absent: any artifact (unsafe). */
  readonly target?: string;
  readonly signer: ExpectedSigner;
  readonly trust: TrustMaterial;
  readonly thresholds?: BundleThresholds;
};

/** What became of a bundle: who signed, or the fault's stable code and a reason. */
export type BundleOutcome =
  | {
      readonly ok: true;
      readonly signer:
        | { readonly kind: 'certificate'; readonly identity: Identity }
        | { readonly kind: 'key'; readonly keyid: string };
      readonly loggedAt?: string;
      readonly logIndex?: string;
    }
  | { readonly ok: false; readonly code: string; readonly reason: string };

/** Judges it. Throws `SigningError` when a file cannot be read; whatever is in the files is a value. */
export async function judgeBundle(question: BundleQuestion): Promise<BundleOutcome> {
  const bytes = await readBundle(resolve(question.cwd, question.bundle));
  // RFC 8259, section 8.1. Decoded leniently, different files would be the same bundle.
  if (!isUtf8(bytes)) return { ok: false, code: 'MALFORMED', reason: 'the bundle is not UTF-8' };
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { ok: false, code: 'MALFORMED', reason: 'the bundle is not JSON' };
  }
  const artifact =
    question.target === undefined ? undefined : await artifactOf(question.cwd, question.target);
  const key =
    question.signer.kind === 'key' ? await readKey(resolve(question.cwd, question.signer.path)) : undefined;
  if (key === 'malformed') return { ok: false, code: 'KEY', reason: 'the key file holds no public key' };
  const result = await verifyBundle(json, question.trust, {
    ...(question.thresholds === undefined ? {} : { thresholds: question.thresholds }),
    ...(artifact === undefined ? {} : { artifact }),
    ...(key === undefined ? {} : { key }),
  });
  if (!result.ok) return { ok: false, code: result.code, reason: result.reason };
  const mismatch = mismatchOf(question.signer, result.signer);
  if (mismatch !== undefined) return { ok: false, code: 'IDENTITY', reason: mismatch };
  return {
    ok: true,
    signer: result.signer,
    ...(result.loggedAt === undefined ? {} : { loggedAt: result.loggedAt }),
    ...(result.logIndex === undefined ? {} : { logIndex: result.logIndex }),
  };
}

type Signer = Extract<BundleOutcome, { readonly ok: true }>['signer'];

/** Identities are compared here, exactly; the cryptography below only says whose they are (law 5). */
function mismatchOf(expected: ExpectedSigner, found: Signer): string | undefined {
  switch (expected.kind) {
    case 'unsafe-any':
      return undefined;
    case 'key':
      return found.kind === 'key' ? undefined : 'signed with a certificate, not with the given key';
    case 'certificate': {
      if (found.kind === 'key') return 'signed with a key, not with a certificate';
      const { subject, issuer } = found.identity;
      if (subject !== expected.subject) {
        return `signed by ${tame(subject)}, expected ${tame(expected.subject)}`;
      }
      if (issuer !== expected.issuer)
        return `vouched for by ${tame(issuer)}, expected ${tame(expected.issuer)}`;
      return undefined;
    }
  }
}

/** A digest of the right length is a digest; anything else is a path, as the conformance protocol has it. */
async function artifactOf(cwd: string, target: string): Promise<BundleArtifact> {
  const digest = /^(?:sha256:([0-9a-f]{64})|sha512:([0-9a-f]{128}))$/i.exec(target);
  if (digest !== null) {
    const [, sha256, sha512] = digest;
    return sha256 !== undefined
      ? { kind: 'digest', algorithm: 'sha256', hex: sha256.toLowerCase() }
      : { kind: 'digest', algorithm: 'sha512', hex: (sha512 ?? '').toLowerCase() };
  }
  const path = resolve(cwd, target);
  try {
    return { kind: 'bytes', bytes: await readFile(path) };
  } catch (cause) {
    throw new SigningError('ARTIFACT_UNREADABLE', `The artifact ${tame(target)} cannot be read.`, {
      cause,
      hint: 'Name a file, or sha256: or sha512: followed by the whole digest in hex.',
    });
  }
}

async function readBundle(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > BUNDLE_LIMIT) throw new Error('too large');
    return await readFile(path);
  } catch (cause) {
    throw new SigningError('ARTIFACT_UNREADABLE', `The bundle ${tame(path)} cannot be read.`, { cause });
  }
}

async function readKey(path: string): Promise<KeyObject | 'malformed'> {
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError('BAD_FLAG_VALUE', `The key ${tame(path)} cannot be read.`, { cause });
  }
  try {
    return createPublicKey(pem);
  } catch {
    return 'malformed'; // Whatever OpenSSL says of it may quote the file; the code says enough.
  }
}

/** A TUF repository's answers kept as one file, and verified anew from a trusted root at every reading. */
import { createHash } from 'node:crypto';
import {
  Metadata,
  MetadataKind,
  type Root,
  type Snapshot,
  type Targets,
  type Timestamp,
} from '@tufjs/models';

/** Everything needed to verify targets without a network. Values are base64 of the bytes as served. */
export type TufArchive = {
  readonly version: 1;
  /** When the repository last answered, ISO 8601. Told, not proved: it feeds the report's age, nothing else. */
  readonly refreshedAt: string;
  /** Root metadata after the trusted one, in order. */
  readonly roots: readonly string[];
  readonly timestamp: string;
  readonly snapshot: string;
  readonly targets: string;
  /** Delegated targets metadata, by role. */
  readonly roles: Readonly<Record<string, string>>;
  /** Target files, by path. */
  readonly files: Readonly<Record<string, string>>;
};

/** What a verified archive yields: its target files, by path. */
export type VerifiedArchive = {
  readonly refreshedAt: Date;
  readonly expiresAt: Date;
  /** Counts up with every change of the repository. */
  readonly version: number;
  readonly files: ReadonlyMap<string, Uint8Array>;
};

/** Reads an archive's text; `undefined` when it is not one. What it says is proved only by `verifyArchive`. */
export function parseArchive(text: string): TufArchive | undefined {
  let value: Partial<TufArchive> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // A cut or foreign cache file holds no archive; the caller falls back and says so.
  }
  if (value === null || typeof value !== 'object' || value.version !== 1) return undefined;
  const { refreshedAt, roots, timestamp, snapshot, targets, roles, files } = value;
  const strings = [refreshedAt, timestamp, snapshot, targets].every((part) => typeof part === 'string');
  const maps = [roles, files].every((map) => typeof map === 'object' && map !== null);
  if (!strings || !maps || !Array.isArray(roots)) return undefined;
  if (Number.isNaN(Date.parse(refreshedAt ?? ''))) return undefined;
  // Every field was checked above; base64 and JSON inside are checked where they are decoded.
  return value as TufArchive;
}

/**
 * Follows the TUF client workflow (TUF specification 5.3 to 5.7) from `trustedRoot` to the target files. Expiry is left to the caller:
 * an offline run may use what is old, and says how old it is. Throws when any link does not hold.
 */
export function verifyArchive(archive: TufArchive, trustedRoot: Uint8Array): VerifiedArchive {
  const root = lastRoot(trustedRoot, archive.roots);

  // 5.4: the timestamp names the snapshot.
  const timestamp: Metadata<Timestamp> = Metadata.fromJSON(MetadataKind.Timestamp, jsonOf(archive.timestamp));
  root.verifyDelegate(MetadataKind.Timestamp, timestamp);

  // 5.5: the snapshot names the version of every targets file.
  const snapshotBytes = bytesOf(archive.snapshot);
  timestamp.signed.snapshotMeta.verify(snapshotBytes);
  const snapshot: Metadata<Snapshot> = Metadata.fromJSON(MetadataKind.Snapshot, jsonOf(archive.snapshot));
  root.verifyDelegate(MetadataKind.Snapshot, snapshot);
  demand(snapshot.signed.version === timestamp.signed.snapshotMeta.version, 'snapshot version');

  // 5.6: the targets.
  const targets: Metadata<Targets> = Metadata.fromJSON(MetadataKind.Targets, jsonOf(archive.targets));
  root.verifyDelegate(MetadataKind.Targets, targets);
  verifyListed(snapshot.signed, 'targets', targets.signed.version, bytesOf(archive.targets));

  const files = new Map<string, Uint8Array>();
  for (const [path, text] of Object.entries(archive.files)) {
    files.set(path, verifiedFile({ archive, snapshot: snapshot.signed, targets }, path, bytesOf(text)));
  }
  return {
    refreshedAt: new Date(archive.refreshedAt),
    expiresAt: new Date(timestamp.signed.expires),
    version: timestamp.signed.version,
    files,
  };
}

type Repository = {
  readonly archive: TufArchive;
  readonly snapshot: Snapshot;
  readonly targets: Metadata<Targets>;
};

/** 5.3: every root is signed by the one before it and by itself, and counts up by one. */
function lastRoot(trustedRoot: Uint8Array, later: readonly string[]): Metadata<Root> {
  let root: Metadata<Root> = Metadata.fromJSON(
    MetadataKind.Root,
    JSON.parse(Buffer.from(trustedRoot).toString()),
  );
  for (const text of later) {
    const next: Metadata<Root> = Metadata.fromJSON(MetadataKind.Root, jsonOf(text));
    root.verifyDelegate(MetadataKind.Root, next);
    next.verifyDelegate(MetadataKind.Root, next);
    demand(next.signed.version === root.signed.version + 1, 'root version');
    root = next;
  }
  return root;
}

/** 5.7: the file has the length and hash that the top-level targets, or the first delegated role for its path, state. */
function verifiedFile(repository: Repository, path: string, bytes: Uint8Array): Uint8Array {
  const listing = [repository.targets.signed, ...delegatedFor(repository, path)];
  for (const targets of listing) {
    const info = Object.hasOwn(targets.targets, path) ? targets.targets[path] : undefined;
    if (info === undefined) continue;
    demand(bytes.length === info.length, `length of ${path}`);
    demand(Object.keys(info.hashes).length > 0, `hash of ${path}`);
    for (const [algorithm, expected] of Object.entries(info.hashes)) {
      demand(hashOf(algorithm, bytes) === expected, `hash of ${path}`);
    }
    return bytes;
  }
  throw new Error(`no trusted metadata lists ${path}`);
}

function delegatedFor({ archive, snapshot, targets }: Repository, path: string): Targets[] {
  const found: Targets[] = [];
  for (const { role } of targets.signed.delegations?.rolesForTarget(path) ?? []) {
    const text = Object.hasOwn(archive.roles, role) ? archive.roles[role] : undefined;
    if (text === undefined) continue;
    const delegated: Metadata<Targets> = Metadata.fromJSON(MetadataKind.Targets, jsonOf(text));
    targets.verifyDelegate(role, delegated);
    verifyListed(snapshot, role, delegated.signed.version, bytesOf(text));
    found.push(delegated.signed);
  }
  return found;
}

function verifyListed(snapshot: Snapshot, role: string, version: number, bytes: Buffer): void {
  const name = `${role}.json`;
  const meta = Object.hasOwn(snapshot.meta, name) ? snapshot.meta[name] : undefined;
  demand(meta !== undefined, `${role} in snapshot`);
  meta?.verify(bytes);
  demand(meta?.version === version, `${role} version`);
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`TUF metadata does not agree: ${what}`);
}

function hashOf(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

function jsonOf(text: string): ReturnType<typeof JSON.parse> {
  return JSON.parse(bytesOf(text).toString('utf8'));
}

/** The fields of `npmsign.lock.json`, for reading and writing alike. */
import type { LockedSigner, RefClass } from '../model/lock.ts';
import type { SourceKind } from '../model/package.ts';

/** The file's name, beside the lockfile. */
export const LOCK_FILE = 'npmsign.lock.json';

/** The version of the format that is read and written. */
export const LOCK_VERSION = 1;

/** Whoever vouches for nearly every signer is named once, at the top of the file. */
export const USUAL_ISSUER = 'https://token.actions.githubusercontent.com';

/** Everything an entry can say about a signer, in the order it is written. */
export const SIGNER_FIELDS = [
  'issuer',
  'subject',
  'repository',
  'repositoryId',
  'ownerId',
  'workflow',
  'builder',
  'refClass',
  'trigger',
] as const satisfies readonly (keyof LockedSigner)[];

/** What a run can start from. */
export const REF_CLASSES: readonly RefClass[] = ['tag', 'branch', 'other'];

/** The places, besides a registry, that a locked package can come from. */
export const SOURCES = ['git', 'remote', 'file'] as const satisfies readonly SourceKind[];

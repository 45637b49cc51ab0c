/** Reads what is kept of a TUF repository: this machine's own copy, one that was carried here, and which of them is newer. */
import { readFile } from 'node:fs/promises';
import type { Notice } from '../model/report.ts';
import { tame } from '../text/sanitize.ts';
import { ageInDays } from './trust-age.ts';
import type { TufArchive, VerifiedArchive } from './tuf-archive.ts';

/** A copy that was verified from the trusted root up. */
export type Kept = {
  readonly archive: TufArchive;
  readonly verified: VerifiedArchive;
  readonly from: 'cached' | 'carried';
};

/** Where copies may be. */
export type KeptRequest = {
  /** Absolute path of this machine's own copy. */
  readonly cached?: string;
  /** The text of a copy that somebody brought. */
  readonly carried?: string;
  /** TUF root metadata to start from. */
  readonly root: Uint8Array;
  /** The moment the root that ships with npmsign is of: a carried copy that had expired by then is older. */
  readonly embeddedAsOf?: Date;
};

/** The newest copy that verifies. A poisoned one is passed over with a notice: whoever wrote it can only make this run use an older root it could use anyway. */
export async function readKept(request: KeptRequest, notices: Notice[]): Promise<Kept | undefined> {
  const cached = request.cached === undefined ? undefined : await textIn(request.cached);
  const own = await verified({ text: cached, from: 'cached', root: request.root }, notices);
  const brought = await verified({ text: request.carried, from: 'carried', root: request.root }, notices);
  if (brought === undefined || isOutdated(brought, request, notices)) return own;
  return own !== undefined && own.verified.version >= brought.verified.version ? own : brought;
}

/** Whole days since a copy was known to be current. What a carried one says of itself is believed only where it makes it older. */
export function ageOfKept({ verified: { refreshedAt, expiresAt }, from }: Kept, now: Date): number {
  const told = ageInDays(refreshedAt, now);
  return from === 'carried' ? Math.max(told, ageInDays(expiresAt, now)) : told;
}

async function textIn(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined; // Nothing cached, or not readable: the same as a first run.
  }
}

type Candidate = Pick<Kept, 'from'> & { readonly text: string | undefined; readonly root: Uint8Array };

async function verified({ text, from, root }: Candidate, notices: Notice[]): Promise<Kept | undefined> {
  if (text === undefined) return undefined;
  const { parseArchive, verifyArchive } = await import('./tuf-archive.ts');
  try {
    const archive = parseArchive(text);
    if (archive === undefined) throw new Error('not an archive');
    return { archive, verified: verifyArchive(archive, root), from };
  } catch (error) {
    const reason = tame(error instanceof Error ? error.message : String(error), 120);
    notices.push({
      code: from === 'cached' ? 'TRUST_CACHE_REFUSED' : 'TRUST_CARRIED_REFUSED',
      message: `The ${from} trust root does not verify (${reason}) and is not used.`,
    });
    return undefined;
  }
}

function isOutdated({ verified }: Kept, { embeddedAsOf }: KeptRequest, notices: Notice[]): boolean {
  const { expiresAt } = verified;
  if (embeddedAsOf === undefined || expiresAt > embeddedAsOf) return false;
  const message = `The carried trust root had expired on ${expiresAt.toISOString()}, before the embedded one was made, and is not used.`;
  notices.push({ code: 'TRUST_CARRIED_REFUSED', message });
  return true;
}

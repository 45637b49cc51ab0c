/** Keeps the registry's signing keys: made on first use, replaced when old, readable by nobody else. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import { writeOnce } from './files.ts';
import { settingsOf } from './options.ts';

/** A key as the registry publishes it (npm's documentation, "ECDSA registry signatures"). */
export type PublishedKey = {
  /** ISO 8601; versions published later may not be signed with it. `null` for the key in use. */
  readonly expires: string | null;
  readonly keyid: string;
  readonly keytype: 'ecdsa-sha2-nistp256';
  readonly scheme: 'ecdsa-sha2-nistp256';
  /** Base64 of its SubjectPublicKeyInfo. */
  readonly key: string;
};

/** A signature, and the key it is by. */
export type StoredSignature = { readonly keyid: string; readonly sig: string };

/** The keys of one registry. */
export type KeyStore = {
  /** Signs with the key in use, which is a new one when the last has grown old. */
  readonly sign: (message: string) => StoredSignature;
  /** Every key there ever was, newest first. */
  readonly published: () => readonly PublishedKey[];
};

/** Where the keys are, and how long one is used. */
export type KeySettings = {
  readonly directory: string;
  readonly rotateKeyAfterDays: number;
  readonly clock: () => Date;
  readonly platform: string;
};

const DAY = 24 * 60 * 60 * 1000;
/**
 * An old key stays valid that much longer than it is used. A version is signed a moment before the registry writes down when it was
 * published, and the next key may be made in between.
 */
const OVERLAP = 60 * 60 * 1000;
const KIND = 'ecdsa-sha2-nistp256';

/** Opens the keys, and makes the first one. Throws `ServerError` `SERVER_KEYS` when others could read them, or they cannot be read. */
export function openKeyStore(settings: KeySettings): KeyStore {
  refuseOpenFolder(settings);
  const inUse = (): StoredKey => {
    const newest = readKeys(settings).at(0);
    return newest === undefined || isOver(newest, settings) ? makeKey(settings) : newest;
  };
  inUse();
  return {
    sign(message) {
      const { privateKey, keyid } = inUse();
      return { keyid, sig: sign('sha256', Buffer.from(message, 'utf8'), privateKey).toString('base64') };
    },
    published: () => publishedFrom(readKeys(settings)),
  };
}

type StoredKey = {
  readonly keyid: string;
  readonly privateKey: KeyObject;
  /** Base64 of the public half. */
  readonly spki: string;
  readonly created: Date;
  /** Set by hand, to end a key before its time. */
  readonly expires?: Date;
};

function isOver({ created, expires }: StoredKey, { clock, rotateKeyAfterDays }: KeySettings): boolean {
  const now = clock().getTime();
  return (
    now >= created.getTime() + rotateKeyAfterDays * DAY || (expires !== undefined && now >= expires.getTime())
  );
}

/** A key ends where the next one begins: nothing is ever rewritten, so no moment exists in which a key is lost. */
function publishedFrom(newestFirst: readonly StoredKey[]): readonly PublishedKey[] {
  return newestFirst.map(({ keyid, spki, expires }, index) => {
    const next = newestFirst[index - 1];
    const ends = [
      ...(expires === undefined ? [] : [expires.getTime()]),
      ...(next === undefined ? [] : [next.created.getTime() + OVERLAP]),
    ];
    const end = ends.length === 0 ? null : new Date(Math.min(...ends)).toISOString();
    return { expires: end, keyid, keytype: KIND, scheme: KIND, key: spki };
  });
}

function makeKey({ directory, clock }: KeySettings): StoredKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const created = clock().toISOString();
  const text = JSON.stringify(
    { created, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) },
    null,
    2,
  );
  const { keyid } = identified(privateKey);
  const name = `${created.replaceAll(':', '')}-${createHash('sha256').update(keyid).digest('hex').slice(0, 16)}.json`;
  writeOnce(join(directory, name), `${text}\n`);
  return { ...identified(privateKey), privateKey, created: new Date(created) };
}

/** npm names its keys by the SHA-256 of the public half, as OpenSSH does. */
function identified(privateKey: KeyObject): { readonly keyid: string; readonly spki: string } {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(spki).digest('base64').replace(/=+$/, '');
  return { keyid: `SHA256:${hash}`, spki: spki.toString('base64') };
}

function readKeys(settings: KeySettings): readonly StoredKey[] {
  const names = readdirSync(settings.directory).filter((name) => name.endsWith('.json'));
  return names
    .map((name) => readKey(join(settings.directory, name), settings))
    .sort((a, b) => b.created.getTime() - a.created.getTime() || (a.keyid < b.keyid ? -1 : 1));
}

function readKey(path: string, { platform }: KeySettings): StoredKey {
  refuseOthers(path, platform, 'file');
  try {
    const members = settingsOf(JSON.parse(readFileSync(path, 'utf8')));
    const privateKey = createPrivateKey(String(members?.get('privateKey')));
    const curve = privateKey.asymmetricKeyDetails?.namedCurve;
    const created = momentOf(members?.get('created'));
    const expires = members?.get('expires') === undefined ? undefined : momentOf(members.get('expires'));
    if (curve !== 'prime256v1' || created === undefined) throw new Error('not a key this room wrote');
    if (members?.get('expires') !== undefined && expires === undefined) throw new Error('no time');
    return { ...identified(privateKey), privateKey, created, ...(expires === undefined ? {} : { expires }) };
  } catch (cause) {
    throw new ServerError('SERVER_KEYS', `The key file ${tame(path)} cannot be used.`, {
      hint: 'Restore it: versions signed with it cannot be verified without. It holds created, privateKey and maybe expires.',
      cause,
    });
  }
}

function momentOf(value: unknown): Date | undefined {
  const moment = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(moment) ? undefined : new Date(moment);
}

function refuseOpenFolder({ directory, platform }: KeySettings): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ServerError('SERVER_KEYS', `The key folder ${tame(directory)} cannot be made.`, { cause });
  }
  refuseOthers(directory, platform, 'directory');
}

/** As OpenSSH does with private keys: what others can read is no secret, and what others can write is not ours. */
function refuseOthers(path: string, platform: string, kind: 'file' | 'directory'): void {
  const stat = lstatSync(path);
  if (kind === 'file' ? !stat.isFile() : !stat.isDirectory()) {
    throw new ServerError('SERVER_KEYS', `${tame(path)} is not a ${kind}.`);
  }
  if (platform === 'win32' || (stat.mode & 0o077) === 0) return;
  throw new ServerError(
    'SERVER_KEYS',
    `${tame(path)} is open to other users (mode ${(stat.mode & 0o777).toString(8)}).`,
    {
      hint: `chmod ${kind === 'file' ? '600' : '700'} it, and think about whether somebody has read it.`,
    },
  );
}

/** A minted TUF repository (The Update Framework, 1.0) that can expire, rot and rotate its root. */
import { canonicalJson, type Json, quotedAsTuf } from './canonical.ts';
import { type KeyPair, keyPairOf, pemOf, sha256, signatureOf } from './keys.ts';

/** The roles that sign. Each has a key of its own. */
export type TufRole = 'root' | 'timestamp' | 'snapshot' | 'targets';

/** How a repository is made. */
export type TufRequest = {
  /** Name of the world the keys belong to. */
  readonly name?: string;
  /** Target files by their path, such as `trusted_root.json`. */
  readonly targets: ReadonlyMap<string, string | Uint8Array>;
  /** When each role expires, ISO 8601; far away unless said otherwise. */
  readonly expires?: Readonly<Partial<Record<TufRole, string>>>;
  /** Version of every role but root; 1 unless said otherwise. A client refuses to go back. */
  readonly version?: number;
  /** How many times the root key was replaced; each new root is signed by the key before it, too. */
  readonly rootRotations?: number;
};

/** A repository as files: their path below its URL, and their bytes. Alter the map to corrupt it. */
export type TufRepository = {
  readonly files: Map<string, Buffer>;
  /** The first root's metadata: what a client is told to trust. */
  readonly trustedRoot: Buffer;
};

const FAR_AWAY = '2040-01-01T00:00:00Z';

/** A repository with consistent snapshots, as Sigstore's own. */
export function createTufRepository(request: TufRequest): TufRepository {
  const { name = 'acme', targets, expires = {}, version = 1, rootRotations = 0 } = request;
  const files = new Map<string, Buffer>();
  const keyFor = (role: TufRole) => tufKey(`${name} ${role}${role === 'root' ? ` ${rootRotations}` : ''}`);
  const write = (role: TufRole, at: { readonly path: string; readonly body: object }) => {
    const signed = {
      _type: role,
      spec_version: '1.0.31',
      version,
      expires: expires[role] ?? FAR_AWAY,
      ...at.body,
    };
    const metadata = signedMetadata(signed, [keyFor(role)]);
    files.set(at.path, metadata);
    return { version, length: metadata.length, hashes: { sha256: sha256(metadata).toString('hex') } };
  };

  for (let n = 0; n <= rootRotations; n++)
    files.set(`${n + 1}.root.json`, rootMetadata(name, n, expires.root));
  const listed = [...targets].map(([path, content]) => {
    const bytes = Buffer.from(content);
    const hash = sha256(bytes).toString('hex');
    files.set(`targets/${path.replace(/([^/]+)$/, `${hash}.$1`)}`, bytes);
    return [path, { length: bytes.length, hashes: { sha256: hash } }] as const;
  });
  const targetsMeta = write('targets', {
    path: `${version}.targets.json`,
    body: { targets: Object.fromEntries(listed) },
  });
  const snapshotMeta = write('snapshot', {
    path: `${version}.snapshot.json`,
    body: { meta: { 'targets.json': targetsMeta } },
  });
  write('timestamp', { path: 'timestamp.json', body: { meta: { 'snapshot.json': snapshotMeta } } });
  return { files, trustedRoot: rootMetadata(name, 0, undefined) };
}

type TufKey = { readonly id: string; readonly keys: KeyPair; readonly listed: Json };

/** A key as root metadata lists it; its id is the hash of that listing (TUF 1.0, 4.2). */
function tufKey(name: string): TufKey {
  const keys = keyPairOf(`tuf ${name}`);
  const listed = {
    keytype: 'ecdsa',
    scheme: 'ecdsa-sha2-nistp256',
    keyval: { public: pemOf(keys.publicKey) },
  };
  return { id: sha256(canonicalJson(listed, quotedAsTuf)).toString('hex'), keys, listed };
}

function rootMetadata(name: string, rotation: number, expires: string | undefined): Buffer {
  const root = tufKey(`${name} root ${rotation}`);
  const others = (['timestamp', 'snapshot', 'targets'] as const).map(
    (role) => [role, tufKey(`${name} ${role}`)] as const,
  );
  const roles = [['root', root] as const, ...others];
  const signed = {
    _type: 'root',
    spec_version: '1.0.31',
    version: rotation + 1,
    expires: expires ?? FAR_AWAY,
    consistent_snapshot: true,
    keys: Object.fromEntries(roles.map(([, key]) => [key.id, key.listed])),
    roles: Object.fromEntries(roles.map(([role, key]) => [role, { keyids: [key.id], threshold: 1 }])),
  };
  const before = rotation === 0 ? [] : [tufKey(`${name} root ${rotation - 1}`)];
  return signedMetadata(signed, [...before, root]);
}

function signedMetadata(signed: { readonly [key: string]: unknown }, keys: readonly TufKey[]): Buffer {
  // Everything written here is JSON by construction.
  const bytes = Buffer.from(canonicalJson(signed as Json, quotedAsTuf));
  const signatures = keys.map(({ id, keys: { privateKey } }) => ({
    keyid: id,
    sig: signatureOf(bytes, privateKey).toString('hex'),
  }));
  return Buffer.from(JSON.stringify({ signatures, signed }));
}

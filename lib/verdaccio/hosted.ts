/** Signs releases that were published before this registry signed, once it has read their bytes. */
import { createHash } from 'node:crypto';
import type { KeyStore, StoredSignature } from './keys.ts';
import { type Settings, settingsOf } from './options.ts';
import { messageFor, sha512In } from './publication.ts';
import type { Records, Release } from './records.ts';
import type { Storage } from './server.ts';

/** What lies in this registry's own storage. */
export type Hosted = {
  /** The manifests published here under a name; what is fetched from elsewhere is none of ours. */
  readonly releases: (name: string) => Promise<readonly HostedRelease[]>;
  /** Signs one, or tells why its bytes are not what it states. */
  readonly sign: (hosted: HostedRelease) => Promise<StoredSignature | { readonly reason: string }>;
};

/** A release and the file its bytes are in. */
export type HostedRelease = { readonly release: Release; readonly file: string };

/** What this needs of the registry. */
export type HostedSettings = {
  readonly storage: Storage;
  readonly keys: KeyStore;
  readonly records: Records;
};

/** Looks into Verdaccio's storage. */
export function createHosted(settings: HostedSettings): Hosted {
  const signing = new Map<string, ReturnType<Hosted['sign']>>();
  return {
    releases: async (name) => releasesIn(await storedManifest(settings.storage, name), name),
    sign(hosted) {
      const message = messageFor(hosted.release);
      const known = signing.get(message);
      if (known !== undefined) return known;
      const made = signHosted(settings, hosted).finally(() => signing.delete(message));
      signing.set(message, made);
      return made;
    },
  };
}

/** Nothing stored is no error: such a package is merely proxied, or does not exist. */
function storedManifest({ localStorage }: Storage, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    localStorage.getPackageMetadata(name, (error, stored) => {
      const status = error instanceof Error && 'status' in error ? error.status : undefined;
      if (error === null || error === undefined) resolve(stored);
      else if (status === 404) resolve(undefined);
      else reject(error);
    });
  });
}

/** Verdaccio remembers in `_distfiles` where a file was fetched from; what was published here has no such entry. */
function releasesIn(stored: unknown, name: string): readonly HostedRelease[] {
  const document = settingsOf(stored);
  const fetched: Settings = settingsOf(document?.get('_distfiles')) ?? new Map();
  const files: Settings = settingsOf(document?.get('_attachments')) ?? new Map();
  return [...(settingsOf(document?.get('versions')) ?? [])].flatMap(([version, manifest]) => {
    const dist = settingsOf(manifest)?.get('dist');
    const integrity = sha512In(dist);
    const file = fileOf(settingsOf(dist)?.get('tarball'));
    if (integrity === undefined || file === undefined || !files.has(file) || fetched.has(file)) return [];
    return [{ release: { id: { name, version }, integrity }, file }];
  });
}

function fileOf(tarball: unknown): string | undefined {
  return typeof tarball === 'string' ? /[^/]+$/.exec(tarball)?.[0] : undefined;
}

async function signHosted(
  { storage, keys, records }: HostedSettings,
  { release, file }: HostedRelease,
): ReturnType<Hosted['sign']> {
  const hash = createHash('sha512');
  for await (const chunk of storage.getTarball(release.id.name, file)) hash.update(chunk);
  if (`sha512-${hash.digest('base64')}` !== release.integrity) {
    return { reason: 'its tarball is not the one its manifest states' };
  }
  const signature = keys.sign(messageFor(release));
  records.keepSignature(release, signature);
  return signature;
}

/** What the benchmark's registry serves to those who fetch their trust themselves: a TUF repository below `/tuf/`, and the registry's keys. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { KeysEndpointJson, keysTargetJson } from '../support/sigstore/index.ts';
import { createTufRepository } from '../support/sigstore/tuf.ts';

/** Below the registry's URL; no slash at its end. */
export const TUF_PATH = 'tuf';

/** The files by the path they are served at. `host` names the registry whose keys the repository lists, as it does for npm's own. */
export function trustFiles(worldDirectory: string, host: string): ReadonlyMap<string, Buffer> {
  const [root, keys] = ['trusted_root.json', 'keys.json'].map((name) =>
    readFileSync(path.join(worldDirectory, name)),
  );
  if (root === undefined || keys === undefined) throw new Error('The world has no trust.');
  const targets = new Map([
    ['trusted_root.json', root],
    [`${host}/keys.json`, keys],
  ]);
  const { files } = createTufRepository({ name: 'bench', targets });
  const endpoint = JSON.stringify(keysEndpointOf(JSON.parse(keys.toString())));
  return new Map([
    ...[...files].map(([at, content]) => [`/${TUF_PATH}/${at}`, content] as const),
    ['/-/npm/v1/keys', Buffer.from(endpoint)],
  ]);
}

/** The same keys in the shape in which a registry serves them itself. */
function keysEndpointOf({ keys }: ReturnType<typeof keysTargetJson>): KeysEndpointJson {
  return {
    keys: keys
      .filter(({ keyUsage }) => keyUsage === 'npm:signatures')
      .map(({ keyId, publicKey }) => ({
        expires: publicKey.validFor.end ?? null,
        keyid: keyId,
        keytype: 'ecdsa-sha2-nistp256',
        scheme: 'ecdsa-sha2-nistp256',
        key: publicKey.rawBytes,
      })),
  };
}

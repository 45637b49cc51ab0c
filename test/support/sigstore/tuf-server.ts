/** Serves a minted TUF repository on loopback. */
import { listenOnLoopback } from '../loopback.ts';
import { publicRegistryHost } from '../public-registry.ts';
import type { Sigstore } from './index.ts';
import { keysTargetJson } from './registry-keys.ts';
import { createTufRepository, type TufRepository, type TufRequest } from './tuf.ts';

/** A TUF repository that can be reached. */
export type TufServer = {
  /** Without a slash at its end, as TUF clients want it. */
  readonly url: string;
  /** The root metadata a client starts from. */
  readonly trustedRoot: Buffer;
  /** Serves another state of the repository from now on: newer, expired, corrupted. */
  readonly serve: (repository: TufRepository) => void;
  /** Paths asked for so far. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
};

/** What a Sigstore's own TUF repository offers: its trusted root, and its registry's keys for the host given. */
export function sigstoreTargets(
  sigstore: Sigstore,
  registryHost: string = publicRegistryHost(),
): ReadonlyMap<string, string> {
  return new Map([
    ['trusted_root.json', JSON.stringify(sigstore.trustedRoot())],
    [`${registryHost}/keys.json`, JSON.stringify(keysTargetJson(sigstore.registryKeys.all))],
  ]);
}

/** Starts serving the repository of a Sigstore; `request` alters how it is made. */
export async function startTufServer(
  sigstore: Sigstore,
  request: Partial<TufRequest> = {},
): Promise<TufServer> {
  const state = {
    repository: createTufRepository({ name: sigstore.name, targets: sigstoreTargets(sigstore), ...request }),
  };
  const requests: string[] = [];
  const { origin, close } = await listenOnLoopback(({ url = '/' }, response) => {
    const path = decodeURIComponent(url.slice(1));
    requests.push(path);
    const file = state.repository.files.get(path);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  return {
    url: origin,
    trustedRoot: state.repository.trustedRoot,
    serve(repository) {
      state.repository = repository;
    },
    requests,
    close,
  };
}

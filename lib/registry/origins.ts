/** Keeps the connections to each server, and remembers which servers do not answer. */
import type { Credentials } from './credentials.ts';
import type { NpmConfig } from './npm-config.ts';
import type { Opener, Origin } from './origin.ts';

export type { Origin } from './origin.ts';

/** All servers of one run. */
export type Origins = {
  /** Throws `RegistryError` when the proxy or the client certificate cannot be used. */
  readonly of: (url: URL, credentials: Credentials) => Promise<Origin>;
  readonly close: () => void;
};

/** Opens no connection yet, and loads nothing that speaks over one before somebody asks: most runs ask nobody. */
export function createOrigins(config: NpmConfig, concurrency: number): Origins {
  const origins = new Map<string, Promise<Origin>>();
  const state: { opener?: Promise<Opener> } = {};
  const open: Opener = async (url, credentials) => {
    state.opener ??= import('./origin.ts').then(({ createOpener }) => createOpener(config, concurrency));
    return (await state.opener)(url, credentials);
  };
  return {
    of(url, credentials) {
      const key = `${url.origin} ${credentials.certificate?.certfile ?? ''}`;
      const known = origins.get(key) ?? open(url, credentials);
      origins.set(key, known);
      return known;
    },
    close() {
      for (const origin of origins.values()) {
        // An origin that could not be opened has told its askers; there is nothing to close.
        origin.then(
          ({ close }) => close(),
          () => undefined,
        );
      }
    },
  };
}

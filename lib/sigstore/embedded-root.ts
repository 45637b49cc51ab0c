/** The public-good trust root that ships inside npmsign, so that the first run needs no network. */
import seeds from '@sigstore/tuf/seeds.json' with { type: 'json' };
import { InternalError } from '../errors.ts';

/** What ships: where it is refreshed from, the TUF root to start at, and the targets as of `asOf`. */
export type EmbeddedRoot = {
  /** URL of the TUF repository, without a trailing slash. */
  readonly url: string;
  /** TUF root metadata, the first link of every chain. */
  readonly root: Uint8Array;
  /** `trusted_root.json` of the public-good instance. */
  readonly trustedRoot: Uint8Array;
  /** Name of the target that holds the public npm registry's keys. */
  readonly keysTarget: string;
  readonly keys: Uint8Array;
  /** The day the seeds were published, ISO date; a test ties it to the version of the package that carries them. */
  readonly asOf: string;
};

/** When, and in which version, the embedded seeds were published. */
export const EMBEDDED_SEEDS = { version: '5.0.1', asOf: '2026-11-05' } as const;

/** Reads the embedded root. It cannot fail but by a broken build. */
export function embeddedRoot(): EmbeddedRoot {
  const [entry] = Object.entries(seeds);
  if (entry === undefined) throw new InternalError('BUG', 'The build carries no trust root.');
  const [url, seed] = entry;
  const targets = new Map(
    Object.entries(seed.targets).map(([name, text]) => [decodeURIComponent(name), text]),
  );
  const keysTarget = [...targets.keys()].find((name) => name.endsWith('/keys.json'));
  const trustedRoot = targets.get('trusted_root.json');
  const keys = keysTarget === undefined ? undefined : targets.get(keysTarget);
  if (keysTarget === undefined || keys === undefined || trustedRoot === undefined) {
    throw new InternalError('BUG', 'The embedded trust root is incomplete.');
  }
  return {
    url,
    root: Buffer.from(seed['root.json'], 'base64'),
    trustedRoot: Buffer.from(trustedRoot, 'base64'),
    keysTarget,
    keys: Buffer.from(keys, 'base64'),
    asOf: EMBEDDED_SEEDS.asOf,
  };
}

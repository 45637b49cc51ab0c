/** Keeps the trust root that arriving attestations are traced back to, and opens it anew each day. */
import { join } from 'node:path';
import { createRegistry } from '../registry/index.ts';
import { openTrust, type TrustMaterial } from '../sigstore/index.ts';
import type { ServerOptions } from './options.ts';
import type { Logger, ServerHost } from './server.ts';

/** The trust root of today. Throws `TrustError` where there is none. */
export type TrustKeeper = () => Promise<TrustMaterial>;

const DAY = 24 * 60 * 60 * 1000;

type Kept = { readonly material: Promise<TrustMaterial>; readonly at: number };

/** Opens nothing yet. What was opened serves for a day; what failed is tried again at the next question. */
export function createTrustKeeper(
  host: ServerHost,
  about: { readonly options: ServerOptions; readonly logger: Logger },
): TrustKeeper {
  const held = new Map<'trust', Kept>();
  return () => {
    const now = host.clock().getTime();
    const known = held.get('trust');
    if (known !== undefined && now - known.at < DAY && now >= known.at) return known.material;
    const material = open(host, about);
    held.set('trust', { material, at: now });
    material.catch(() => held.delete('trust'));
    return material;
  };
}

async function open(
  host: ServerHost,
  { options, logger }: { readonly options: ServerOptions; readonly logger: Logger },
): Promise<TrustMaterial> {
  const { directory, trust: policy } = options;
  const now = host.clock();
  const cacheDirectory = join(directory, 'trust');
  // For its proxy and its authorities; a registry it asks nothing.
  const registry = await createRegistry(
    { ...host, cwd: directory, now },
    { registries: [], offline: false, preferOffline: false, concurrency: 2, cacheDirectory },
  );
  try {
    const { download } = registry;
    const trust = await openTrust({ policy, cwd: directory, offline: false, cacheDirectory, now, download });
    for (const { message } of trust.notices) logger.warn(`npmsign: ${message}`);
    return trust.material;
  } finally {
    await registry.close();
  }
}

/** The front door of the registry that signs: what Verdaccio asks of a plugin, answered. */
import { join } from 'node:path';
import { createAttestationRoutes } from './attestation-routes.ts';
import { createHosted } from './hosted.ts';
import { openKeyStore } from './keys.ts';
import { parseOptions, settingsOf } from './options.ts';
import { createPublishing } from './publishing.ts';
import { openRecords } from './records.ts';
import type { App, Auth, Logger, ServerHost, Storage } from './server.ts';
import { createServing } from './serving.ts';
import { createTrustKeeper } from './trust-keeper.ts';

export type { App, Auth, Logger, ServerHost, Storage } from './server.ts';

/** What Verdaccio hands to its plugin. */
export type ServerParts = { readonly app: App; readonly auth: Auth; readonly storage: Storage };

/**
 * Makes a registry sign: it serves keys, signs what it hosts, and takes in and serves attestations. `config` is Verdaccio's own.
 * Throws `ServerError` where it is misconfigured or its keys are open to others: a registry that should sign must not start without.
 */
export function signRegistry(
  host: ServerHost,
  { config, logger }: { readonly config: unknown; readonly logger: Logger },
  { app, auth, storage }: ServerParts,
): void {
  const options = parseOptions(settingsOf(config) ?? new Map());
  if (options === undefined) {
    logger.warn('npmsign: switched off in the configuration; this registry does not sign');
    return;
  }
  const { directory, rotateKeyAfterDays } = options;
  const { clock, platform } = host;
  const keys = openKeyStore({ directory: join(directory, 'keys'), rotateKeyAfterDays, clock, platform });
  const records = openRecords(join(directory, 'packages'));
  const hosted = createHosted({ storage, keys, records });
  const trust = createTrustKeeper(host, { options, logger });
  const parts = { auth, logger, keys, records, hosted, trust, options };
  app.use(createAttestationRoutes(parts));
  app.use(createPublishing(parts));
  app.use(createServing(parts));
  logger.info(`npmsign: this registry signs with key ${keys.published()[0]?.keyid ?? ''}`);
}

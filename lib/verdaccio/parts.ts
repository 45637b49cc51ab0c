/** What the parts of a signing registry share. */
import type { Hosted } from './hosted.ts';
import type { KeyStore } from './keys.ts';
import type { ServerOptions } from './options.ts';
import type { Records } from './records.ts';
import type { Auth, Logger } from './server.ts';
import type { TrustKeeper } from './trust-keeper.ts';

/** Keys, records, and whom to ask. */
export type Parts = {
  readonly auth: Auth;
  readonly logger: Logger;
  readonly keys: KeyStore;
  readonly records: Records;
  readonly hosted: Hosted;
  readonly trust: TrustKeeper;
  readonly options: ServerOptions;
};

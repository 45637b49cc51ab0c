/** Words refusals so that Verdaccio's own error answer carries them. */
import { NpmsignError } from '../errors.ts';
import type { Auth, Logger, Next } from './server.ts';

/** An error Verdaccio answers with this status, and with the message as `error`, which npm prints. */
export function httpError(status: number, message: string): Error {
  return Object.assign(new Error(`npmsign: ${message}`), { status });
}

/** Runs a handler that waits; what it throws is logged, and answered as the server's own fault. */
export function answering(next: Next, logger: Logger, work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    if (error instanceof Error && 'status' in error) {
      next(error);
      return;
    }
    // Messages of our own errors are safe to print; others may quote anything.
    const ours = error instanceof NpmsignError;
    logger.error(`npmsign: ${ours ? error.message : String(error)}`);
    next(
      httpError(ours ? 503 : 500, ours ? error.message : 'the registry could not do its part; see its log'),
    );
  });
}

/** Resolves when this user may, and rejects with Verdaccio's own refusal when not. */
export function permitted(
  auth: Auth,
  action: 'access' | 'publish',
  about: { readonly packageName: string; readonly user: unknown },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { packageName, user } = about;
    const done = (error: unknown, allowed?: boolean): void => {
      if (error) reject(error);
      else if (allowed === true) resolve();
      else reject(httpError(403, `${action} is not allowed`));
    };
    if (action === 'access') auth.allow_access({ packageName }, user, done);
    else auth.allow_publish({ packageName }, user, done);
  });
}

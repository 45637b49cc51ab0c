/** The front door of publishing. What it needs is loaded when somebody publishes: an install never does. */
import type { Host } from '../model/host.ts';
import type { PublishedCheck } from './published.ts';
import type { PublishOutcome, PublishRequest } from './run.ts';
import type { ReleaseRequest } from './verify-release.ts';

export type { Fault, FaultCode } from './preflight.ts';
export type { PublishedCheck, PublishedFinding } from './published.ts';
export type { PublishOutcome, PublishRequest } from './run.ts';
export type { ReleaseRequest } from './verify-release.ts';

/**
 * Publishes a package: packed by its own manager, signed, uploaded by npm as that very tarball, and looked at afterwards. Throws `NpmsignError`:
 * what signing throws, with nothing uploaded, `ManagerError`, `UsageError` for arguments that do not fit.
 */
export async function publish(host: Host, request: PublishRequest = {}): Promise<PublishOutcome> {
  const { publishPackage } = await import('./publish-package.ts');
  return publishPackage(host, request);
}

/** Does a registry serve what was signed, under `name@version`? Throws `UsageError` for what names no version. */
export async function verifyPublished(
  host: Host,
  spec: string,
  request: ReleaseRequest = {},
): Promise<PublishedCheck> {
  const { verifyRelease } = await import('./verify-release.ts');
  return verifyRelease(host, spec, request);
}

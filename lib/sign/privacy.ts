/** Keeps the names of private packages out of public logs. */
import { SigningError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { SignPolicy } from '../model/policy.ts';
import type { SigningServices } from '../sigstore/index.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import type { Manifest } from './manifest.ts';

/** What is known of where a package goes. */
export type PrivacyQuestion = {
  readonly manifest: Manifest;
  readonly policy: SignPolicy;
  readonly services: SigningServices;
  /** Is the registry this package would be published to open to all? `stated` is the one its package.json names. */
  readonly isPublicRegistry: (name: string, stated: string | undefined) => boolean;
};

/** Throws `SigningError` `PRIVATE_PACKAGE` where a public log would learn the name of a private package, and the policy does not allow it. */
export function refusePublicLog({ env }: Host, question: PrivacyQuestion): void {
  const { manifest, policy, services, isPublicRegistry } = question;
  if (!services.isPublic || policy.publicLogForPrivatePackages === 'allow') return;
  const access = manifest.access ?? env['npm_config_access'];
  const because = manifest.isPrivate
    ? 'its package.json says private'
    : access === 'restricted'
      ? 'its access is restricted'
      : isPublicRegistry(manifest.id.name, manifest.registry)
        ? undefined
        : `it is published to ${tame(manifest.registry ?? 'a registry of your own', 120)}`;
  if (because === undefined) return;
  const message = `${specOf(manifest.id)} is private (${because}), and a signature would write its name into a public log.`;
  throw new SigningError('PRIVATE_PACKAGE', message, {
    hint: 'Allow it in the policy (sign.publicLogForPrivatePackages: allow), name a log of your own (sign.rekor), or declare a mirror (registries: mirrorOf: npm).',
  });
}

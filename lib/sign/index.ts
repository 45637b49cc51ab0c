/** Signs what was packed: states it, signs it under the builder's or the person's identity, and writes the bundle. */
import { InternalError, NpmsignError, UsageError } from '../errors.ts';
import type { Identity } from '../model/evidence.ts';
import type { Host } from '../model/host.ts';
import type { PackageId } from '../model/package.ts';
import type { SignPolicy } from '../model/policy.ts';
import type { Notice } from '../model/report.ts';
import {
  type AskService,
  attest,
  type SignedBundle,
  signingServices,
  type Trust,
} from '../sigstore/index.ts';
import { type Artifact, type ArtifactQuestion, readArtifact } from './artifact.ts';
import { excludeMemoryFromCoreFiles } from './core-file.ts';
import { findSigner, type OpenPage, type Signer } from './identity.ts';
import { writeBundle } from './output.ts';
import { refusePublicLog } from './privacy.ts';
import { statementFor } from './statement.ts';
import type { Tarball } from './tarball.ts';

export { findSigner, type OpenPage } from './identity.ts';

/** What signing needs of the world, opened only when there is something to sign and somebody to sign it. */
export type SigningWorld = {
  readonly trust: Trust;
  readonly ask: AskService;
  /** Is the registry this package would be published to open to all? `stated` is the one its package.json names. */
  readonly isPublicRegistry: (name: string, stated: string | undefined) => boolean;
  readonly close: () => Promise<void>;
};

/** One thing to sign. Paths are relative to `host.cwd`. */
export type SignTask = ArtifactQuestion & {
  readonly policy: SignPolicy;
  readonly open: () => Promise<SigningWorld>;
  /** How a person's browser is opened; the system's own way unless given. */
  readonly openPage?: OpenPage;
};

/** Why nothing was signed. `FAILED`: it could not be, and the policy does not insist. */
export type UnsignedCode = 'DRY_RUN' | 'SIGNED_LATER' | 'NO_IDENTITY' | 'FAILED';

/** What became of it. */
export type SignOutcome =
  | {
      readonly kind: 'signed';
      readonly id: PackageId;
      /** Of the packed bytes, hex. */
      readonly sha512: string;
      /** Absolute path of the bundle. */
      readonly file: string;
      readonly bundle: SignedBundle;
      readonly predicateType: string;
      /** Whom the certificate names. */
      readonly identity: Identity;
      readonly loggedAt?: string;
      readonly logIndex?: string;
      readonly notices: readonly Notice[];
    }
  | {
      readonly kind: 'unsigned';
      readonly id?: PackageId;
      readonly code: UnsignedCode;
      readonly because: string;
      readonly hint?: string;
    };

/**
 * Signs. Nothing is written but a bundle that verifies. Throws `SigningError`, `TrustError` or `RegistryError` when it should sign and
 * cannot; where the policy says `required: false`, that is an outcome.
 */
export async function sign(host: Host, task: SignTask): Promise<SignOutcome> {
  try {
    return await signed(host, task);
  } catch (error) {
    const isOurs =
      error instanceof NpmsignError && !(error instanceof UsageError || error instanceof InternalError);
    if (!isOurs || task.policy.required) throw error;
    const { message, hint } = error;
    return { kind: 'unsigned', code: 'FAILED', because: message, ...(hint === undefined ? {} : { hint }) };
  }
}

/** A tarball's digest and package.json. What reads tarballs is loaded then: npm's `postpack` needs none. Throws `SigningError` `ARTIFACT_UNREADABLE`. */
export async function readTarball(path: string): Promise<Tarball> {
  return (await import('./tarball.ts')).readTarball(path);
}

async function signed(host: Host, task: SignTask): Promise<SignOutcome> {
  const answer = await readArtifact(host, task);
  if (answer.kind === 'rehearsal') return { kind: 'unsigned', code: 'DRY_RUN', because: 'this is a dry run' };
  const { artifact } = answer;
  const signer = await findSigner(host, task.policy, task.openPage);
  if (signer.kind === 'nobody') {
    return {
      kind: 'unsigned',
      id: artifact.manifest.id,
      code: 'NO_IDENTITY',
      because: signer.because,
      hint: SIGN_ELSEWHERE,
    };
  }
  const world = await task.open();
  try {
    return await signedBy(host, { artifact, signer, world, policy: task.policy });
  } finally {
    await world.close();
  }
}

const SIGN_ELSEWHERE =
  'To sign: publish from a CI that issues OIDC tokens, set SIGSTORE_ID_TOKEN, or say sign.identity: interactive in the policy.';

type Plan = {
  readonly artifact: Artifact;
  readonly signer: Extract<Signer, { readonly kind: 'signer' }>;
  readonly world: SigningWorld;
  readonly policy: SignPolicy;
};

async function signedBy(host: Host, { artifact, signer, world, policy }: Plan): Promise<SignOutcome> {
  const { manifest, sha512, output } = artifact;
  const { trust, ask } = world;
  const { id } = manifest;
  const services = signingServices({ policy, trust, now: host.now });
  refusePublicLog(host, { manifest, policy, services, ...world });
  const statement = statementFor({ id, sha512, env: host.env, now: host.now, provenance: policy.provenance });
  await excludeMemoryFromCoreFiles(host);
  const token = await signer.fetchToken({ ask, oidcIssuer: services.oidcIssuer });
  const { bundle, ...proved } = await attest({
    statement,
    subject: { id, sha512 },
    token,
    services,
    trust: trust.material,
    ask,
  });
  await writeBundle(output, bundle);
  const { predicateType } = statement;
  return {
    kind: 'signed',
    id,
    sha512,
    file: output,
    bundle,
    predicateType,
    ...proved,
    notices: trust.notices,
  };
}

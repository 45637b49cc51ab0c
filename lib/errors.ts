/** Every error npmsign can raise: its own failure to do its work, never a finding about a package. */

/** Exit codes of the command line (SPEC 2). */
export const EXIT = { met: 0, violated: 1, misuse: 2, unverified: 3, bug: 70 } as const;

/** What an error may carry besides its message. */
export type ErrorExtras = { readonly hint?: string; readonly cause?: unknown };

/** An error with a stable public code. Its message is safe to print; its cause is not. */
export abstract class NpmsignError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  abstract readonly exitCode: number;

  constructor(code: Code, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = extras.hint;
  }
}

export type UsageErrorCode = 'UNKNOWN_COMMAND' | 'UNKNOWN_FLAG' | 'BAD_FLAG_VALUE' | 'STDOUT_UNWRITABLE';
/** The command line was not understood. */
export class UsageError extends NpmsignError<UsageErrorCode> {
  override readonly exitCode = EXIT.misuse;
}

export type PolicyFileErrorCode =
  | 'POLICY_MISSING'
  | 'POLICY_UNREADABLE'
  | 'POLICY_INVALID'
  | 'POLICY_REDIRECTED';
/** One thing wrong in a policy file. */
export type PolicyIssue = {
  /** Path inside the policy, such as `checks.minimum-age`. */
  readonly path: string;
  readonly message: string;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
};
/** The policy cannot be used. */
export class PolicyFileError extends NpmsignError<PolicyFileErrorCode> {
  override readonly exitCode = EXIT.misuse;
  readonly issues: readonly PolicyIssue[];

  constructor(
    code: PolicyFileErrorCode,
    message: string,
    extras: ErrorExtras & { readonly issues?: readonly PolicyIssue[] } = {},
  ) {
    super(code, message, extras);
    this.issues = extras.issues ?? [];
  }
}

export type TreeErrorCode =
  | 'LOCKFILE_MISSING'
  | 'LOCKFILE_AMBIGUOUS'
  | 'LOCKFILE_VERSION'
  | 'LOCKFILE_MALFORMED';
/** The lockfile cannot be read. */
export class TreeError extends NpmsignError<TreeErrorCode> {
  override readonly exitCode = EXIT.misuse;
}

export type LockErrorCode = 'LOCK_MALFORMED' | 'LOCK_VERSION' | 'LOCK_UNWRITABLE';
/** `npmsign.lock.json` cannot be read or written. */
export class LockError extends NpmsignError<LockErrorCode> {
  override readonly exitCode = EXIT.misuse;
}

export type SetupErrorCode = 'SETUP_UNREADABLE' | 'SETUP_UNWRITABLE' | 'SETUP_CHANGED' | 'SETUP_NO_GATE';
/** A project cannot be set up, or what was set up cannot be taken back. */
export class SetupError extends NpmsignError<SetupErrorCode> {
  override readonly exitCode = EXIT.misuse;
}

export type RegistryErrorCode =
  | 'REGISTRY_UNREACHABLE'
  | 'REGISTRY_REFUSED'
  | 'REGISTRY_MALFORMED'
  | 'REGISTRY_TOO_LARGE';
/** A registry did not answer as it should. */
export class RegistryError extends NpmsignError<RegistryErrorCode> {
  override readonly exitCode = EXIT.unverified;
}

export type TrustErrorCode = 'TRUST_ROOT_UNAVAILABLE' | 'TRUST_ROOT_MALFORMED';
/** There is nothing to trace signatures back to. */
export class TrustError extends NpmsignError<TrustErrorCode> {
  override readonly exitCode = EXIT.unverified;
}

export type SigningErrorCode =
  | 'NO_IDENTITY_TOKEN'
  | 'CERTIFICATE_REFUSED'
  | 'LOG_REFUSED'
  | 'TIMESTAMP_REFUSED'
  | 'NO_SIGNING_SERVICE'
  | 'PRIVATE_PACKAGE'
  | 'SIGNATURE_UNWRITABLE'
  | 'ARTIFACT_UNREADABLE';
/** A signature could not be made, or the thing to verify could not be read. */
export class SigningError extends NpmsignError<SigningErrorCode> {
  override readonly exitCode = EXIT.unverified;
}

export type ServerErrorCode = 'SERVER_OPTIONS' | 'SERVER_KEYS' | 'SERVER_RECORDS';
/** A registry that signs cannot be started, or cannot sign. */
export class ServerError extends NpmsignError<ServerErrorCode> {
  override readonly exitCode = EXIT.misuse;
}

export type ManagerErrorCode =
  | 'MANAGER_UNKNOWN'
  | 'MANAGER_CONFLICT'
  | 'MANAGER_MISSING'
  | 'MANAGER_VERSION'
  | 'MANAGER_ARGUMENT'
  | 'MANAGER_BUSY';
/** The package manager of a project cannot be run as asked. */
export class ManagerError extends NpmsignError<ManagerErrorCode> {
  override readonly exitCode = EXIT.misuse;
}

export type GateErrorCode =
  | 'LOCKFILE_CHANGED'
  | 'PROJECT_NOT_KEPT'
  | 'PROJECT_NOT_RESTORED'
  | 'SEAL_INCOMPLETE';
/** What was judged is not what would be installed, or a project cannot be brought back to what it was. */
export class GateError extends NpmsignError<GateErrorCode> {
  override readonly exitCode = EXIT.unverified;
}

/** A bug in npmsign. */
export class InternalError extends NpmsignError<'BUG'> {
  override readonly exitCode = EXIT.bug;
}

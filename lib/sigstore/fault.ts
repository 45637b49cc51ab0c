/** The one way a signature, a log entry or a certificate is refused: by a named fault. */

/** Stable short names of what can be wrong with signed evidence. */
export type FaultCode =
  /** Not the JSON shape a bundle has: wrong types, null entries, loose base64, both or neither of two alternatives. */
  | 'MALFORMED'
  | 'MEDIA_TYPE'
  /** Well formed, but against the rules of the version it claims. */
  | 'BUNDLE_VERSION'
  /** Not one DER certificate, or a field in it cannot be read. */
  | 'CERTIFICATE'
  | 'CERTIFICATE_CHAIN'
  | 'CERTIFICATE_TIME'
  | 'CERTIFICATE_USAGE'
  | 'CERTIFICATE_IDENTITY'
  | 'SCT'
  | 'SCT_THRESHOLD'
  /** The key is of a kind no signature may be made with. */
  | 'KEY'
  | 'KEY_UNKNOWN'
  | 'KEY_TIME'
  | 'KEY_ID'
  /** Signed by a certificate where a key was expected, or the reverse. */
  | 'SIGNER_KIND'
  | 'TLOG_UNKNOWN'
  | 'TLOG_SET'
  | 'TLOG_CHECKPOINT'
  | 'TLOG_PROOF'
  | 'TLOG_BODY'
  | 'TLOG_DUPLICATE'
  | 'TLOG_THRESHOLD'
  | 'TIMESTAMP'
  | 'TIMESTAMP_DUPLICATE'
  | 'TIMESTAMP_THRESHOLD'
  | 'DSSE_SIGNATURE'
  | 'MESSAGE_SIGNATURE'
  /** The signature is good, and about something else. */
  | 'ARTIFACT'
  | 'STATEMENT'
  | 'SUBJECT'
  /** The predicate and the certificate contradict each other. */
  | 'PREDICATE'
  /** A bug of ours met while verifying; refused, never accepted. */
  | 'UNEXPECTED';

/** Thrown inside this folder only; every door turns it into a value. Its reason is safe to print. */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, reason: string) {
    super(reason);
    this.name = 'Fault';
    this.code = code;
  }
}

/** Refuses. Text from strangers in `reason` must have passed through `tame`. */
export function refuse(code: FaultCode, reason: string): never {
  throw new Fault(code, reason);
}

/** What a caught error says about the evidence. Anything but a `Fault` is our own bug, and still a refusal. */
export function faultOf(error: unknown): { readonly code: FaultCode; readonly reason: string } {
  if (error instanceof Fault) return { code: error.code, reason: error.message };
  return { code: 'UNEXPECTED', reason: 'verification stopped unexpectedly; this is a bug in npmsign' };
}

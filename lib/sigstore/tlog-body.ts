/** Verifies that a log entry is about this very signature, made with this very key over these very bytes. */
import type { BundleContent, LogEntry } from './bundle.ts';
import { digest, digestText, type HashName } from './crypto.ts';
import { Fault, refuse } from './fault.ts';
import { arrayAt, type JsonObject, member, objectAt, objectOf, parseJson, stringAt } from './json.ts';

/** What the entry is compared with. */
export type LoggedSignature = {
  readonly content: BundleContent;
  /** The bytes the signature is over, where the bundle has them: the envelope's pre-authentication encoding. */
  readonly signedBytes: Buffer | undefined;
  /** Base64 of the certificate, or of the key's SubjectPublicKeyInfo. */
  readonly verifier: { readonly kind: 'certificate' | 'key'; readonly text: string };
  /** The digest the signing key goes with. */
  readonly hash: HashName;
};

/** Verifies the body, which must already be proved to be in the log. */
export function verifyLogBody(entry: LogEntry, signature: LoggedSignature): void {
  try {
    const body = objectOf(parseJson(entry.body.bytes, 'the log entry'), 'body');
    if (member(body, 'kind') !== entry.kind || member(body, 'apiVersion') !== entry.version) {
      refuse('TLOG_BODY', 'the log entry is of another kind or version than the bundle says');
    }
    const compareSpec = COMPARISONS.get(`${entry.kind}/${entry.version}`);
    if (compareSpec === undefined) refuse('TLOG_BODY', 'the log entry is of a kind that is not accepted');
    compareSpec(objectAt(body, 'spec', 'body'), signature);
  } catch (error) {
    // A body of an unexpected shape does not match, whatever else is wrong with it.
    throw error instanceof Fault ? new Fault('TLOG_BODY', error.message) : error;
  }
}

type Comparison = (spec: JsonObject, signature: LoggedSignature) => void;

/** Rekor's entry types: pluggable types of v1, and rekor/v2/entry.proto. */
const COMPARISONS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ['dsse/0.0.1', compareDsse1],
  ['intoto/0.0.2', compareIntoto2],
  ['hashedrekord/0.0.1', compareRecord1],
  ['dsse/0.0.2', compareDsse2],
  ['hashedrekord/0.0.2', compareRecord2],
]);

function compareDsse1(spec: JsonObject, signature: LoggedSignature): void {
  const logged = onlySignature(spec);
  compare(stringAt(logged, 'signature', 'spec'), signature.content.signature.text, 'signature');
  comparePem(stringAt(logged, 'verifier', 'spec'), signature);
  comparePayload(objectAt(spec, 'payloadHash', 'spec'), signature);
}

function compareIntoto2(spec: JsonObject, signature: LoggedSignature): void {
  const content = objectAt(spec, 'content', 'spec');
  const envelope = objectAt(content, 'envelope', 'spec');
  const logged = onlySignature(envelope);
  // This type holds the envelope's signature encoded once more.
  compare(decoded(stringAt(logged, 'sig', 'spec')), signature.content.signature.text, 'signature');
  comparePem(stringAt(logged, 'publicKey', 'spec'), signature);
  if (signature.content.kind !== 'dsse') refuse('TLOG_BODY', 'the log entry is about an envelope');
  compare(stringAt(envelope, 'payloadType', 'spec'), signature.content.payloadType, 'payload type');
  comparePayload(objectAt(content, 'payloadHash', 'spec'), signature);
}

function compareRecord1(spec: JsonObject, signature: LoggedSignature): void {
  const logged = objectAt(spec, 'signature', 'spec');
  const hash = objectAt(objectAt(spec, 'data', 'spec'), 'hash', 'spec');
  const signed = signedDigest(signature);
  compare(stringAt(logged, 'content', 'spec'), signature.content.signature.text, 'signature');
  comparePem(stringAt(objectAt(logged, 'publicKey', 'spec'), 'content', 'spec'), signature);
  compare(stringAt(hash, 'algorithm', 'spec'), signed.algorithm, 'digest algorithm');
  compare(stringAt(hash, 'value', 'spec'), signed.digest.toString('hex'), 'digest');
}

function compareDsse2(body: JsonObject, signature: LoggedSignature): void {
  const spec = objectAt(body, 'dsseV002', 'spec');
  const logged = onlySignature(spec);
  const hash = objectAt(spec, 'payloadHash', 'spec');
  if (signature.content.kind !== 'dsse') refuse('TLOG_BODY', 'the log entry is about an envelope');
  compare(stringAt(logged, 'content', 'spec'), signature.content.signature.text, 'signature');
  compareVerifier(objectAt(logged, 'verifier', 'spec'), signature);
  compare(stringAt(hash, 'algorithm', 'spec'), 'SHA2_256', 'digest algorithm');
  const payloadDigest = digestText('sha256', signature.content.payload.bytes, 'base64');
  compare(stringAt(hash, 'digest', 'spec'), payloadDigest, 'payload digest');
}

function compareRecord2(body: JsonObject, signature: LoggedSignature): void {
  const spec = objectAt(body, 'hashedRekordV002', 'spec');
  const logged = objectAt(spec, 'signature', 'spec');
  const hash = objectAt(spec, 'data', 'spec');
  const signed = signedDigest(signature);
  compare(stringAt(logged, 'content', 'spec'), signature.content.signature.text, 'signature');
  compareVerifier(objectAt(logged, 'verifier', 'spec'), signature);
  compare(stringAt(hash, 'algorithm', 'spec'), `SHA2_${signed.algorithm.slice(3)}`, 'digest algorithm');
  compare(stringAt(hash, 'digest', 'spec'), signed.digest.toString('base64'), 'digest');
}

function onlySignature(holder: JsonObject): JsonObject {
  const [first, second] = arrayAt(holder, 'signatures', 'spec', 16);
  if (first === undefined || second !== undefined) {
    return refuse('TLOG_BODY', 'the log entry does not have exactly one signature');
  }
  return objectOf(first, 'spec.signatures[0]');
}

/** The digest of what the signature is over. */
function signedDigest({ content, signedBytes, hash }: LoggedSignature): {
  readonly algorithm: HashName;
  readonly digest: Buffer;
} {
  if (content.kind === 'message') return content;
  return signedBytes === undefined
    ? refuse('TLOG_BODY', 'the signed bytes are not at hand')
    : { algorithm: hash, digest: digest(hash, signedBytes) };
}

function comparePayload(hash: JsonObject, { content }: LoggedSignature): void {
  if (content.kind !== 'dsse') refuse('TLOG_BODY', 'the log entry is about an envelope');
  compare(stringAt(hash, 'algorithm', 'spec'), 'sha256', 'digest algorithm');
  compare(
    stringAt(hash, 'value', 'spec'),
    digestText('sha256', content.payload.bytes, 'hex'),
    'payload digest',
  );
}

/** Base64 of a PEM block holding the certificate or key. */
function comparePem(logged: string, { verifier }: LoggedSignature): void {
  const [label, kind] =
    verifier.kind === 'certificate' ? ['CERTIFICATE', 'certificate'] : ['PUBLIC KEY', 'key'];
  const pem = decoded(logged).replaceAll('\n', '');
  compare(pem, `-----BEGIN ${label}-----${verifier.text}-----END ${label}-----`, kind);
}

function compareVerifier(logged: JsonObject, { verifier }: LoggedSignature): void {
  const [name, kind] =
    verifier.kind === 'certificate' ? ['x509Certificate', 'certificate'] : ['publicKey', 'key'];
  compare(stringAt(objectAt(logged, name, 'spec'), 'rawBytes', 'spec'), verifier.text, kind);
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

function compare(logged: string, own: string, what: string): void {
  if (logged !== own) refuse('TLOG_BODY', `the log entry is about another ${what}`);
}

/** Verifies the signature of a bundle, and that it is about the artifact at hand. */
import type { Bundle, BundleContent } from './bundle.ts';
import { digest, type HashName, holds, type VerifyKey } from './crypto.ts';
import { refuse } from './fault.ts';
import { holdsOverDigest } from './prehashed.ts';
import { digestsOf, parseSubjects } from './statement.ts';

/** The artifact: its bytes, or what is known of its digest. */
export type BundleArtifact =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'digest'; readonly algorithm: 'sha256' | 'sha512'; readonly hex: string };

/** What an envelope's signature is over; `undefined` where there is no envelope. */
export function signedBytesOf(content: BundleContent): Buffer | undefined {
  return content.kind === 'dsse' ? preAuthEncoding(content.payloadType, content.payload.bytes) : undefined;
}

/** DSSE's pre-authentication encoding: what an envelope's signature is over (DSSE protocol, "Signature definition"). */
export function preAuthEncoding(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  const head = [Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `)];
  return Buffer.concat([...head, payload]);
}

/** Verifies the signature with the signer's key, then compares with the artifact. */
export async function verifyContent(
  { content }: Bundle,
  key: VerifyKey,
  about: { readonly signedBytes: Buffer | undefined; readonly artifact: BundleArtifact | undefined },
): Promise<void> {
  if (content.kind === 'message') {
    await verifyMessage(content, key, about.artifact);
    return;
  }
  const { signedBytes } = about;
  if (signedBytes === undefined || !(await holds(key, signedBytes, content.signature.bytes))) {
    refuse('DSSE_SIGNATURE', "the envelope's signature does not hold");
  }
  if (about.artifact !== undefined) checkSubjects(content, about.artifact);
}

async function verifyMessage(
  content: Extract<BundleContent, { kind: 'message' }>,
  key: VerifyKey,
  artifact: BundleArtifact | undefined,
): Promise<void> {
  if (artifact === undefined) refuse('ARTIFACT', 'the signed artifact is needed to verify its signature');
  if (hexOf(artifact, content.algorithm) !== content.digest.toString('hex')) {
    refuse('ARTIFACT', 'the bundle was made for another artifact');
  }
  const { algorithm, signature } = content;
  const valid =
    artifact.kind === 'bytes'
      ? await holds(key, artifact.bytes, signature.bytes, algorithm)
      : holdsOverDigest(key, { algorithm, digest: content.digest, signature: signature.bytes });
  if (valid === undefined)
    refuse('ARTIFACT', 'this kind of signature needs the artifact itself, not its digest');
  if (!valid) refuse('MESSAGE_SIGNATURE', "the artifact's signature does not hold");
}

/** One subject of the statement must be the artifact, by every digest of it that is known. */
function checkSubjects(content: Extract<BundleContent, { kind: 'dsse' }>, artifact: BundleArtifact): void {
  const { subjects } = parseSubjects(content.payloadType, content.payload.bytes);
  const found = subjects.some((subject) => {
    const known = digestsOf(subject).filter(([algorithm]) => hexOf(artifact, algorithm) !== undefined);
    return known.length > 0 && known.every(([algorithm, hex]) => hexOf(artifact, algorithm) === hex);
  });
  if (!found) refuse('ARTIFACT', 'the signed statement is about another artifact');
}

/** The artifact's digest in lower-case hex, where it can be known. */
function hexOf(artifact: BundleArtifact, algorithm: HashName): string | undefined {
  if (artifact.kind === 'bytes') return digest(algorithm, artifact.bytes).toString('hex');
  return artifact.algorithm === algorithm ? artifact.hex.toLowerCase() : undefined;
}

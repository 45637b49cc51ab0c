/** Parses a registry's answer about the attestations of one version. */
import { fieldOf, isObject, type Parsed } from './json.ts';

/** Accepts a document that lists attestations; nothing inside is read before it is verified. Total: never throws. */
export function parseAttestationList(json: unknown): Parsed<unknown> {
  if (isObject(json) && Array.isArray(fieldOf(json, 'attestations'))) return { kind: 'value', value: json };
  return { kind: 'malformed', reason: 'its answer has no attestations array' };
}

/** Does this document list at least one attestation? Then it will not change: a published version is never attested anew. */
export function hasAttestations(json: unknown): boolean {
  const listed = isObject(json) ? fieldOf(json, 'attestations') : undefined;
  return Array.isArray(listed) && listed.length > 0;
}

/** Takes an attestation in: verifies it first, and keeps it beside the release it is about. */
import { specOf } from '../text/package-id.ts';
import { httpError } from './answers.ts';
import { judgeAttestation } from './attestation.ts';
import type { Parts } from './parts.ts';
import type { Release } from './records.ts';

/** Verifies an attestation and keeps it; refuses with status 400, or 409 where there is another already. */
export async function keepAttestation(
  { trust, records, logger }: Pick<Parts, 'trust' | 'records' | 'logger'>,
  { bundle, release }: { readonly bundle: unknown; readonly release: Release },
): Promise<void> {
  const judgement = await judgeAttestation({ bundle, release, trust: await trust() });
  const spec = specOf(release.id);
  if (judgement.kind === 'refused') {
    logger.warn(`npmsign: refused an attestation of ${spec}: ${judgement.reason}`);
    throw httpError(400, `the attestation of ${spec} is refused: ${judgement.reason}`);
  }
  if ((await records.keepAttestation(release, judgement.attestation)) === 'differs') {
    throw httpError(409, `${spec} has another attestation of this kind already`);
  }
  logger.info(`npmsign: ${spec} is attested by ${judgement.signer}`);
}

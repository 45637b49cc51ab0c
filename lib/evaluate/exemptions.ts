/** Which waiver holds for a check of one package, today. */
import type { PackageId } from '../model/package.ts';
import type { CheckId, Exemption } from '../model/policy.ts';
import { matchesPackage } from '../text/pattern.ts';

const DAY = 86_400_000;

/** The first moment at which an exemption no longer holds, in milliseconds: its last day ends at midnight, UTC. */
export function endOf({ expires }: Exemption): number {
  // `Date.parse` alone reads `9999` as a year.
  const last = /^\d{4}-\d{2}-\d{2}$/.test(expires) ? Date.parse(`${expires}T00:00:00Z`) : Number.NaN;
  return last + DAY;
}

/** Does it still exempt? An exemption without a readable date never does. */
export function isHolding(exemption: Exemption, now: Date): boolean {
  return now.getTime() < endOf(exemption);
}

/** Those that name the package, whatever check they waive. */
export function exemptionsFor(exemptions: readonly Exemption[], id: PackageId): readonly Exemption[] {
  return exemptions.filter((exemption) => matchesPackage(id, exemption.package));
}

/** The first of them that waives the check. */
export function waiverOf(exemptions: readonly Exemption[], check: CheckId): Exemption | undefined {
  return exemptions.find(({ checks }) => checks.includes(check));
}

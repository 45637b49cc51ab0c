/** Builds what a judgement rests on, from packages with all their evidence. */
import type { EvaluateInput } from '../../lib/evaluate/index.ts';
import type { Evidence } from '../../lib/model/evidence.ts';
import type { ResolvedPackage } from '../../lib/model/package.ts';
import type {
  CheckId,
  CheckOptions,
  Exemption,
  Level,
  Policy,
  Setting,
  Settings,
} from '../../lib/model/policy.ts';
import { anEvidence, aPackage, aPolicy, aTree } from '../support/builders.ts';
import { NOW } from '../support/host.ts';

/** The ordinary package, judged under a policy in which everything is off. */
export function anInput(
  overrides: Partial<EvaluateInput> & { readonly packages?: readonly ResolvedPackage[] } = {},
): EvaluateInput {
  const { packages = [aPackage()], ...rest } = overrides;
  return {
    policy: aPolicy(),
    tree: aTree(packages),
    evidence: new Map(packages.map((pkg) => [pkg.key, anEvidence({}, pkg)])),
    allowances: { allowed: [], denied: [] },
    now: NOW,
    trust: { root: 'public-good', source: 'embedded', ageDays: 0 },
    tool: { name: 'npmsign', version: '1.0.0' },
    ...rest,
  };
}

/** The packages' evidence, each with the same change. */
export function evidenceOf(
  packages: readonly ResolvedPackage[],
  change: Partial<Evidence>,
): ReadonlyMap<string, Evidence> {
  return new Map(packages.map((pkg) => [pkg.key, anEvidence(change, pkg)]));
}

/** A policy in which only `provenance` is asked. */
export function asksProvenance(
  level: Level = 'error',
  overrides: Partial<Omit<Policy, 'settings'>> = {},
): Policy {
  return aPolicy({
    ...overrides,
    settings: { provenance: setting('provenance', level, { required: true }) },
  });
}

/** One setting, of a check whose options are given. */
export function setting<Id extends CheckId>(
  _: Id,
  level: Level,
  options: CheckOptions[Id],
): Settings[Id] & Setting<Id> {
  return { level, options } as Settings[Id] & Setting<Id>;
}

/** A waiver of `provenance` for the ordinary package, through the end of the year. */
export function anExemption(overrides: Partial<Exemption> = {}): Exemption {
  return {
    package: '@acme/lib@1.2.3',
    checks: ['provenance'],
    reason: 'published by hand',
    expires: '2026-12-31',
    ...overrides,
  };
}

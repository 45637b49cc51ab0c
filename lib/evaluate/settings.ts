/** Which level and options hold for one package, and which place in the policy decided the level. */
import type { PackageId, ResolvedPackage } from '../model/package.ts';
import type { CheckId, Override, PartialSetting, Policy, Setting } from '../model/policy.ts';
import { mergeSetting } from '../model/settings.ts';
import { matchesPackages } from '../text/pattern.ts';

/** A setting, and the place its level comes from: `.npmsignrc`, `.npmsignrc:12`, or `recommended`. */
export type DecidedSetting<Id extends CheckId> = {
  readonly setting: Setting<Id>;
  readonly decidedBy: string;
};

/** The overrides that name this package, in the order written. */
export function overridesFor({ overrides }: Policy, id: PackageId): readonly Override[] {
  return overrides.filter(({ packages }) => matchesPackages(id, packages));
}

/**
 * The package as published, and as the project calls it. What a policy says under either name holds, the stricter of the two: a lockfile
 * edit could otherwise put another package in a pinned one's place by an alias, or borrow a name the policy is lenient with.
 */
export function namesOf({ id, alias }: ResolvedPackage): readonly PackageId[] {
  return alias === undefined ? [id] : [id, { name: alias, version: id.version }];
}

/** The policy's own setting with the given overrides laid over it: the last one wins, option by option (SPEC 3). */
export function decidedSetting<Id extends CheckId>(
  check: Id,
  policy: Policy,
  overrides: readonly Override[],
): DecidedSetting<Id> {
  const base: Setting<Id> = policy.settings[check];
  const decided: DecidedSetting<Id> = { setting: base, decidedBy: base.at ?? policy.path ?? 'recommended' };
  return overrides.reduce((found, override) => {
    const stated: PartialSetting<Id> | undefined = override.checks[check];
    return {
      setting: mergeSetting(found.setting, stated),
      decidedBy: stated?.level === undefined ? found.decidedBy : (stated.at ?? placeOf(override, policy)),
    };
  }, decided);
}

/** Where an override stands: file and line, or its number. */
export function placeOf(override: Override, policy: Policy): string {
  return override.at ?? `override ${policy.overrides.indexOf(override) + 1}`;
}

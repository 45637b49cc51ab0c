/** Puts the policy's settings to the checks: decided once for each set of overrides, since packages are many and sets are few. */
import { type Check, checkOf, checks, type Subject } from '../checks/index.ts';
import type { PackageId } from '../model/package.ts';
import type { CheckId, Level, Override, Policy } from '../model/policy.ts';
import type { Answer } from '../model/report.ts';
import { decidedSetting, overridesFor } from './settings.ts';

/** One check with its options filled in, at a level that counts. */
export type Question = {
  readonly check: CheckId;
  readonly level: Exclude<Level, 'off'>;
  readonly decidedBy: string;
  readonly ask: (subject: Subject) => Answer;
};

/** What is asked about a package, in report order; `undefined` where the check is off. */
export type Questions = readonly (Question | undefined)[];

/** Finds what this policy asks about a package of that name and version. */
export function createQuestionsFor(policy: Policy): (id: PackageId) => Questions {
  const known = new Map<string, Questions>();
  return (id) => {
    const overrides = overridesFor(policy, id);
    const set = overrides.map((override) => policy.overrides.indexOf(override)).join(' ');
    const found = known.get(set) ?? checks.map((check) => questionOf(checkOf(check.id), policy, overrides));
    known.set(set, found);
    return found;
  };
}

function questionOf<Id extends CheckId>(
  check: Check<Id>,
  policy: Policy,
  overrides: readonly Override[],
): Question | undefined {
  const { setting, decidedBy } = decidedSetting(check.id, policy, overrides);
  const { level, options } = setting;
  if (level === 'off') return undefined;
  return { check: check.id, level, decidedBy, ask: (subject) => check.ask(subject, options) };
}

/** Notices what a verdict about one package cannot say: stale policy, a lockfile that is not the last word, a wrong clock. */
import { checks } from '../checks/index.ts';
import type { Exemption, Policy } from '../model/policy.ts';
import type { Notice, Verdict } from '../model/report.ts';
import { specOf, splitSpec } from '../text/package-id.ts';
import { matchesPackages } from '../text/pattern.ts';
import { tame } from '../text/sanitize.ts';
import { endOf, isHolding } from './exemptions.ts';
import { namesOf, placeOf } from './settings.ts';

const DAY = 86_400_000;
const SOON = 14 * DAY;

/** Clocks of build machines, logs and laptops differ by a little. */
const SKEW = 10 * 60_000;

/** What was judged, and when. */
export type Judged = {
  readonly policy: Policy;
  readonly verdicts: readonly Verdict[];
  /** Those of packages that had not passed before. */
  readonly judged: readonly Verdict[];
  readonly now: Date;
};

/** Notices about exemptions, overrides, shrinkwraps and the clock, in that order; each names the place to mend. */
export function hygieneNotices(judged: Judged): readonly Notice[] {
  const used = new Set(judged.verdicts.flatMap(exemptionsUsed));
  return [
    ...judged.policy.exemptions.flatMap((exemption) =>
      exemptionNotices(exemption, { now: judged.now, use: used.has(exemption) ? 'used' : 'unused' }),
    ),
    ...overrideNotices(judged),
    ...shrinkwrapNotices(judged),
    ...clockNotices(judged),
  ];
}

/** A package that passes needed none. */
function exemptionsUsed(verdict: Verdict): readonly Exemption[] {
  return verdict.effect === 'pass' ? [] : verdict.outcomes.flatMap(({ exemption }) => exemption ?? []);
}

type Standing = { readonly now: Date; readonly use: 'used' | 'unused' };

function exemptionNotices(exemption: Exemption, { now, use }: Standing): readonly Notice[] {
  const name = `the exemption for ${tame(exemption.package, 200)}${exemption.at === undefined ? '' : ` (${tame(exemption.at, 200)})`}`;
  if (!isHolding(exemption, now)) {
    return [
      notice('EXEMPTION_EXPIRED', `${name} expired on ${tame(exemption.expires, 40)} and no longer exempts`),
    ];
  }
  const left = endOf(exemption) - now.getTime();
  return [
    ...(left <= SOON
      ? [notice('EXEMPTION_EXPIRING', `${name} holds until the end of ${exemption.expires}, UTC`)]
      : []),
    ...(use === 'unused'
      ? [notice('EXEMPTION_UNUSED', `${name} exempted nothing in this run; remove it`)]
      : []),
    ...(isTooWide(exemption)
      ? [notice('EXEMPTION_TOO_WIDE', `${name} covers ${widthOf(exemption)}; name what it is for`)]
      : []),
  ];
}

function isTooWide(exemption: Exemption): boolean {
  return coversEveryName(exemption) || coversEveryCheck(exemption);
}

function widthOf(exemption: Exemption): string {
  return coversEveryName(exemption) ? 'packages of any name' : 'every check';
}

/** Is there nothing but wildcards in the name? */
function coversEveryName(exemption: Exemption): boolean {
  return /^[@*?/]*$/.test(splitSpec(exemption.package).name);
}

function coversEveryCheck(exemption: Exemption): boolean {
  return new Set(exemption.checks).size >= checks.length;
}

function overrideNotices({ policy, verdicts }: Judged): readonly Notice[] {
  return policy.overrides
    .filter(
      ({ packages }) =>
        !verdicts.some((verdict) => namesOf(verdict.package).some((id) => matchesPackages(id, packages))),
    )
    .map((override) =>
      notice(
        'OVERRIDE_UNUSED',
        `${tame(placeOf(override, policy), 200)} matches no package: ${tame(override.packages.join(', '), 200)}`,
      ),
    );
}

/** What such a package installs below itself is not what was judged, where npm still goes by its shrinkwrap. */
function shrinkwrapNotices({ verdicts }: Judged): readonly Notice[] {
  const specs = verdicts.flatMap((verdict) =>
    verdict.package.ownShrinkwrap === true ? specOf(verdict.package.id) : [],
  );
  if (specs.length === 0) return [];
  const named = [...new Set(specs)].slice(0, 5).join(', ');
  return [
    notice(
      'SHRINKWRAP_WITHIN',
      `${specs.length} of the packages bring a shrinkwrap of their own (${tame(named, 300)}): npm 11 and earlier install what it names, ` +
        'not what this lockfile pins below them',
    ),
  ];
}

/** The code of the notice that the clock is wrong. */
export const CLOCK_WRONG = 'CLOCK_WRONG';

/** A proved time cannot lie in the future: then the clock is wrong, and so is every age (ATTACKS U06). Who passed before was not ahead of it. */
function clockNotices({ judged, now }: Judged): readonly Notice[] {
  const latest = judged.flatMap(provedTimes).reduce((found, next) => Math.max(found, next), 0);
  if (latest <= now.getTime() + SKEW) return [];
  const [logged, clock] = [new Date(latest), now].map((date) => `${date.toISOString().slice(0, 19)}Z`);
  return [
    notice(
      CLOCK_WRONG,
      `this machine's clock says ${clock}, and a signed log entry says ${logged}: set the clock`,
    ),
  ];
}

function provedTimes({ evidence: { publish, provenance } }: Verdict): readonly number[] {
  return [publish, provenance].flatMap((proof) => {
    const time = proof.status === 'proved' ? Date.parse(proof.value.loggedAt ?? '') : Number.NaN;
    return Number.isNaN(time) ? [] : [time];
  });
}

function notice(code: string, message: string): Notice {
  return { code, message };
}

/** Finds whether somebody reviewed a package's install scripts: in the policy, or for the project's package manager. */
import type { Allowances, PackageId, PackageSource, ResolvedPackage } from '../model/package.ts';
import { specOf, splitSpec } from '../text/package-id.ts';
import { matchesGlob, matchesPackage, matchesPackages } from '../text/pattern.ts';
import { quoted } from './words.ts';

/** Where a package's scripts were allowed or denied. */
export type Review =
  | { readonly kind: 'allowed'; readonly by: string }
  | { readonly kind: 'denied'; readonly by: string }
  | { readonly kind: 'none' };

/**
 * Looks a package up. A denial beats every allowance. The name of a package that comes from no registry is anybody's choice,
 * so such a package is allowed by the place it comes from, never by its name.
 */
export function reviewOf(
  { id, source }: ResolvedPackage,
  allow: readonly string[],
  { allowed, denied }: Allowances,
): Review {
  const denial = denied.find(({ spec }) => isDenied(id, spec));
  if (denial !== undefined) return { kind: 'denied', by: quoted(denial.from) };
  if (isAllowedByPolicy({ id, source }, allow)) return { kind: 'allowed', by: 'the policy' };
  const allowance = allowed.find(({ spec }) => isAllowance({ id, source }, spec));
  return allowance === undefined ? { kind: 'none' } : { kind: 'allowed', by: quoted(allowance.from) };
}

type Placed = { readonly id: PackageId; readonly source: PackageSource };

function isAllowedByPolicy({ id, source }: Placed, allow: readonly string[]): boolean {
  if (source.kind === 'registry') return matchesPackages(id, allow);
  const place = placeOf(source);
  return place !== undefined && matchesPlace(place, allow);
}

/** As for names: a leading `!` excludes, and the last pattern that matches decides. */
function matchesPlace(place: string, patterns: readonly string[]): boolean {
  const deciding = patterns.findLast((pattern) => matchesGlob(place, pattern.replace(/^!/, '')));
  return deciding !== undefined && !deciding.startsWith('!');
}

// Denials are read widely and allowances narrowly, so that an unfamiliar spelling can only refuse.
function isDenied(id: PackageId, spec: string): boolean {
  const { name, range } = splitSpec(spec);
  return matchesPackage(id, spec) || (name === id.name && versionsOf(range).includes(id.version));
}

function isAllowance({ id, source }: Placed, spec: string): boolean {
  if (source.kind !== 'registry') return placeOf(source) === spec;
  if (spec === id.name || spec === specOf(id)) return true;
  const { name, range } = splitSpec(spec);
  return name === id.name && versionsOf(range).includes(id.version);
}

/** npm and pnpm pin several versions in one key: `name@1.0.0 || 1.0.1`. */
function versionsOf(range: string | undefined): readonly string[] {
  return range === undefined ? [] : range.split('||').map((version) => version.trim());
}

function placeOf(source: PackageSource): string | undefined {
  switch (source.kind) {
    case 'git':
    case 'remote':
    case 'file':
      return source.resolved;
    case 'registry':
    case 'workspace':
    case 'link':
    case 'bundled':
      return undefined;
  }
}

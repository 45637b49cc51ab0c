/** Says what changed in trust between two lockfiles. */
import type { PackageChange, TrustDiff } from '../model/diff.ts';
import type { Evidence } from '../model/evidence.ts';
import type { ResolvedPackage, Tree } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { compareVersions } from '../text/semver.ts';
import { changedBetween, type Pair, packageIn } from './changed.ts';
import { findingsOf } from './findings.ts';
import { standingOf } from './standing.ts';

/** One of the two trees, and what is known about the packages in it that changed. */
export type DiffSide = {
  readonly tree: Tree;
  readonly evidence: ReadonlyMap<string, Evidence>;
};

/** The two sides, and the moment they are compared. */
export type DiffInput = {
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly now: Date;
  readonly tool: TrustDiff['tool'];
};

/** The parts of two trees that are worth collecting evidence for: what came, what it replaced, and what went. */
export function changedPackages(before: Tree, after: Tree): { readonly before: Tree; readonly after: Tree } {
  const { pairs } = changedBetween(before, after);
  return {
    before: { ...before, packages: distinct(pairs.map((pair) => pair.before)) },
    after: { ...after, packages: distinct(pairs.map((pair) => pair.after)) },
  };
}

/** Compares two trees. Pure: the same input, the same diff. */
export function diffTrees({ before, after, now, tool }: DiffInput): TrustDiff {
  const { pairs, unchanged } = changedBetween(before.tree, after.tree);
  return {
    schema: 1,
    tool,
    judgedAt: now.toISOString(),
    before: tame(before.tree.lockfile.path, 200),
    after: tame(after.tree.lockfile.path, 200),
    changes: pairs.map((pair) => changeOf(pair, { before, after, now })),
    unchanged,
  };
}

function distinct(packages: readonly (ResolvedPackage | undefined)[]): readonly ResolvedPackage[] {
  return [...new Set(packages)].filter((pkg) => pkg !== undefined);
}

type Sides = Pick<DiffInput, 'before' | 'after' | 'now'>;

function changeOf(pair: Pair, { before, after, now }: Sides): PackageChange {
  const pkg = packageIn(pair);
  const was =
    pair.before === undefined ? undefined : standingOf(pair.before, before.evidence.get(pair.before.key));
  const is =
    pair.after === undefined ? undefined : standingOf(pair.after, after.evidence.get(pair.after.key));
  return {
    name: tame(pkg.id.name, 214),
    kind: was === undefined ? 'new' : is === undefined ? 'removed' : 'updated',
    ...(pair.before === undefined || pair.after === undefined
      ? {}
      : { direction: directionOf(pair.before, pair.after) }),
    ...(was === undefined ? {} : { before: was }),
    ...(is === undefined ? {} : { after: is }),
    chain: pkg.chain.map((step) => tame(step, 214)),
    ...(pkg.line === undefined || pair.after === undefined ? {} : { line: pkg.line }),
    use: pkg.use,
    findings:
      is === undefined
        ? []
        : findingsOf(
            was === undefined ? undefined : { standing: was, integrity: pair.before?.integrity },
            { standing: is, integrity: pair.after?.integrity },
            now,
          ),
  };
}

function directionOf(
  before: ResolvedPackage,
  after: ResolvedPackage,
): NonNullable<PackageChange['direction']> {
  if (before.id.version === after.id.version) return 'same version';
  return compareVersions(after.id.version, before.id.version) > 0 ? 'upgrade' : 'downgrade';
}

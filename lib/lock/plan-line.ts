/** Decides about one release line: what its entry becomes, and which single versions need entries of their own. */
import type { Acceptance, LockEntry } from '../model/lock.ts';
import type { LockChange } from '../model/lock-plan.ts';
import type { PackageId } from '../model/package.ts';
import { entryKey } from '../text/release-line.ts';
import { compareVersions, isPrerelease } from '../text/semver.ts';
import { differencesOf, isHolding } from './compare.ts';

/** One version of the tree, and its facts as an entry of its release line would state them. */
export type Found = { readonly id: PackageId; readonly entry: LockEntry };

/** What becomes of one line. `written` holds every entry that is new or not as it was. */
export type LineOutcome = {
  readonly written: readonly LockEntry[];
  readonly added: readonly LockEntry[];
  readonly refreshed: readonly LockChange[];
  readonly accepted: readonly LockChange[];
  readonly refused: readonly LockChange[];
  readonly unchanged: number;
};

/** What planning a line rests on: the lock as it was, and who accepted which change. */
export type LineContext = {
  readonly old: ReadonlyMap<string, LockEntry>;
  readonly consent: (id: PackageId) => Acceptance | undefined;
};

/**
 * The newest stable version speaks for its line, or the newest prerelease where there is no stable one. Other versions in the tree that do
 * not hold against it, such as an old one from before provenance, get an entry for that very version: so the line stays as strict as its
 * newest release.
 */
export function planLine(versions: readonly Found[], context: LineContext): LineOutcome {
  const [lead, ...others] = [...versions].sort(leadFirst);
  if (lead === undefined) return NOTHING;
  const before = context.old.get(entryKey(lead.id.name, lead.entry.line));
  const first = planVersion(lead, { ...context, role: 'lead', line: before });
  const { line } = first;
  const rest = others.map((found) => planVersion(found, { ...context, role: 'other', line }));
  const outcomes = [first, ...rest].map(({ outcome }) => outcome);
  return {
    written: outcomes.flatMap(({ written }) => written),
    added: outcomes.flatMap(({ added }) => added),
    refreshed: outcomes.flatMap(({ refreshed }) => refreshed),
    accepted: outcomes.flatMap(({ accepted }) => accepted),
    refused: outcomes.flatMap(({ refused }) => refused),
    unchanged: outcomes.reduce((count, { unchanged }) => count + unchanged, 0),
  };
}

const NOTHING: LineOutcome = {
  written: [],
  added: [],
  refreshed: [],
  accepted: [],
  refused: [],
  unchanged: 0,
};

type VersionContext = LineContext & {
  readonly role: 'lead' | 'other';
  /** The line's entry as it is so far. */
  readonly line: LockEntry | undefined;
};

/** What becomes of one version, and of its line's entry after it. */
type Planned = { readonly outcome: LineOutcome; readonly line: LockEntry | undefined };

function planVersion(found: Found, context: VersionContext): Planned {
  const { name, version } = found.id;
  const ownEntry = context.old.get(entryKey(name, version));
  const before = ownEntry ?? context.old.get(entryKey(name, found.entry.line));
  if (before === undefined) return firstUse(found, context);
  // What was accepted as a single version stays one; otherwise the lead speaks for the line.
  const speaks = ownEntry === undefined && context.role === 'lead';
  const after = speaks ? found.entry : own(found);
  const { worse, other } = differencesOf(before, found.entry);
  const change = (entry: LockEntry): LockChange => ({
    id: found.id,
    before,
    after: entry,
    because: [...worse, ...other],
  });
  if (worse.length > 0) {
    const accepted = context.consent(found.id);
    if (accepted === undefined) return planned({ refused: [change(after)] }, context.line);
    const entry = { ...after, accepted };
    return planned({ written: [entry], accepted: [change(entry)] }, speaks ? entry : context.line);
  }
  if (other.length > 0 && (speaks || ownEntry !== undefined)) {
    const entry = before.accepted === undefined ? after : { ...after, accepted: before.accepted };
    return planned({ written: [entry], refreshed: [change(entry)] }, speaks ? entry : context.line);
  }
  return ownEntry === undefined ? besideLine(found, context) : planned({ unchanged: 1 }, context.line);
}

/** Nothing was locked that could speak for this version. */
function firstUse(found: Found, context: VersionContext): Planned {
  if (context.role === 'other') return besideLine(found, context);
  return planned({ written: [found.entry], added: [found.entry] }, found.entry);
}

/**
 * The line speaks for the version, or the version for itself. A line can move on with its lead; what it leaves behind was accepted before.
 */
function besideLine(found: Found, { line }: VersionContext): Planned {
  if (line !== undefined && isHolding(line, found.entry)) return planned({ unchanged: 1 }, line);
  return planned({ written: [own(found)], added: [own(found)] }, line);
}

function planned(outcome: Partial<LineOutcome>, line: LockEntry | undefined): Planned {
  return { outcome: { ...NOTHING, ...outcome }, line };
}

/** The facts as an entry for this version alone. */
function own({ id, entry }: Found): LockEntry {
  return { ...entry, line: id.version };
}

function leadFirst(a: Found, b: Found): number {
  const stable = Number(isPrerelease(a.id.version)) - Number(isPrerelease(b.id.version));
  return stable || compareVersions(b.id.version, a.id.version);
}

/** The wording that all formats of a diff share: what deserves a look, in what order, and what to do about it. */
import type { FindingKind, PackageChange, Standing, TrustDiff } from '../model/diff.ts';
import { bySeriousness } from '../text/finding-kinds.ts';
import { isProofEnough, PROOF_LEVELS, proofWords } from '../text/proof-level.ts';
import { countOf, numberOf } from './summary.ts';
import { isOutsideTrigger } from './worth-knowing.ts';

/** The changes of a diff, sorted into what a reviewer does with them. Every change is in exactly one list. */
export type Review = {
  /** Somebody must explain these, or at least look: alarms first. */
  readonly look: readonly PackageChange[];
  /** New to the tree, and nothing about them stands out. */
  readonly fresh: readonly PackageChange[];
  /** Better proved than before. */
  readonly better: readonly PackageChange[];
  /** Updated, by the very signer that signed before. */
  readonly same: readonly PackageChange[];
  /** Updated, and nothing says who built them, neither before nor now. */
  readonly unproved: readonly PackageChange[];
  readonly removed: readonly PackageChange[];
};

/** Sorts the changes. */
export function reviewOf({ changes }: TrustDiff): Review {
  const alarming = changes.filter((change) => has(change, 'alarm'));
  const doubtful = changes.filter((change) => !has(change, 'alarm') && has(change, 'caution'));
  const calm = changes.filter((change) => !has(change, 'alarm') && !has(change, 'caution'));
  const updated = calm.filter(({ kind }) => kind === 'updated');
  const level = calm.filter((change) => change.kind === 'updated' && !has(change, 'good'));
  return {
    look: [...[...alarming].sort(worstFirst), ...[...doubtful].sort(worstFirst)],
    fresh: calm.filter(({ kind }) => kind === 'new').toSorted(leastProvedFirst),
    better: updated.filter((change) => has(change, 'good')),
    same: level.filter(({ after }) => after?.proof === 'provenance'),
    unproved: level.filter(({ after }) => after?.proof !== 'provenance'),
    removed: calm.filter(({ kind }) => kind === 'removed'),
  };
}

/** By the most serious finding of each; findings are in that order already. The sort is stable, so names stay sorted beneath it. */
function worstFirst(a: PackageChange, b: PackageChange): number {
  const [left, right] = [a.findings[0], b.findings[0]];
  return left === undefined || right === undefined ? 0 : bySeriousness(left.kind, right.kind);
}

function leastProvedFirst(a: PackageChange, b: PackageChange): number {
  const levelOf = ({ after }: PackageChange): number => PROOF_LEVELS.map(String).indexOf(after?.proof ?? '');
  return levelOf(a) - levelOf(b);
}

/** Changes a reviewer reads as one: the same is told of them, word for word. The first stands for all. */
export type ChangeGroup = { readonly first: PackageChange; readonly all: readonly PackageChange[] };

/** Puts changes together of which the same is told, such as the many packages of one release; in the order of the first of each. */
export function groupsOf(changes: readonly PackageChange[]): readonly ChangeGroup[] {
  return groupedBy(changes, (change) =>
    JSON.stringify([change.findings, isWorthStating(change) ? sharedWords(change) : '']),
  );
}

/** As {@link groupsOf}, by what {@link newcomerWords} tells. */
export function newcomersOf(changes: readonly PackageChange[]): readonly ChangeGroup[] {
  return groupedBy(changes, (change) => JSON.stringify([sharedWords(change), effectOf(change)]));
}

/** As {@link groupsOf}, by what {@link improvementWords} tells. */
export function improvementsOf(changes: readonly PackageChange[]): readonly ChangeGroup[] {
  return groupedBy(changes, (change) => JSON.stringify([change.findings, sharedWords(change)]));
}

function groupedBy(
  changes: readonly PackageChange[],
  keyOf: (change: PackageChange) => string,
): readonly ChangeGroup[] {
  const groups = new Map<string, PackageChange[]>();
  for (const change of changes) {
    const key = keyOf(change);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [change]);
    else known.push(change);
  }
  return [...groups.values()].flatMap((all) => (all[0] === undefined ? [] : [{ first: all[0], all }]));
}

/** Who stands behind all of a group: of several, each has a tag of its own. */
export function groupStanding({ first, all }: ChangeGroup): string {
  if (first.after === undefined) return '';
  return all.length === 1 ? standingWords(first.after) : sharedWords(first);
}

function sharedWords({ after }: PackageChange): string {
  if (after === undefined) return '';
  const { ref, version } = after;
  const isOwn = ref?.startsWith('refs/tags/') === true && ref.endsWith(version);
  return standingWords(isOwn ? { ...after, ref: OWN_TAGS } : after);
}

/** Shown as it stands; no ref of git has a space in it. */
const OWN_TAGS = 'each from its own tag';

/** What is told of a newcomer: who stands behind it, and what it does to a machine. */
export function newcomerWords(group: ChangeGroup): string {
  const effect = effectOf(group.first);
  return `${groupStanding(group)}${effect === undefined ? '' : `; ${effect}`}`;
}

function effectOf({ after }: PackageChange): string | undefined {
  return after === undefined ? undefined : effectWords(after);
}

/** What is told of a version that is better proved, and who stands behind it. */
export function improvementWords(group: ChangeGroup): string {
  const { findings, after } = group.first;
  const good = findings.map(({ text }) => text).join('; ');
  return after?.signer === undefined ? good : `${good} (${groupStanding(group)})`;
}

function has({ findings }: PackageChange, weight: 'alarm' | 'caution' | 'good'): boolean {
  return findings.some((finding) => finding.weight === weight);
}

/** How many changes have an alarm, and how many at most a caution. */
export function weightsOf({ changes }: TrustDiff): { readonly alarms: number; readonly cautions: number } {
  return {
    alarms: changes.filter((change) => has(change, 'alarm')).length,
    cautions: changes.filter((change) => !has(change, 'alarm') && has(change, 'caution')).length,
  };
}

/** The diff in one sentence. */
export function diffHeadline(diff: TrustDiff): string {
  const { changes } = diff;
  if (changes.length === 0) return 'no dependency changed';
  const counts = (['new', 'updated', 'removed'] as const)
    .map((kind) => [changes.filter((change) => change.kind === kind).length, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${numberOf(count)} ${kind}`);
  return `${countOf(changes.length, 'package')} changed (${counts.join(', ')})${attention(diff)}`;
}

function attention(diff: TrustDiff): string {
  const { alarms, cautions } = weightsOf(diff);
  if (alarms > 0) return `; ${numberOf(alarms)} of them must be explained before this is merged`;
  if (cautions > 0) return `; ${numberOf(cautions)} of them deserve a look`;
  return '; nothing about who signs them got worse';
}

/** `axios 1.7.2 → 1.7.3`, `esbuild 0.21.0 (new)`. */
export function changeTitle({ name, before, after }: PackageChange): string {
  if (before === undefined) return `${name} ${after?.version ?? ''} (new)`;
  if (after === undefined) return `${name} ${before.version} (removed)`;
  return before.version === after.version
    ? `${name} ${after.version}`
    : `${name} ${before.version} → ${after.version}`;
}

/** Who stands behind a version: `built from https://github.com/acme/lib by .github/workflows/release.yml, tag v1.2.3, started by push`. */
export function standingWords(standing: Standing): string {
  const level = PROOF_LEVELS.find((one) => one === standing.proof);
  if (level === undefined) return standing.reason ?? standing.proof;
  const { signer } = standing;
  if (signer === undefined)
    return isProofEnough('none', level)
      ? proofWords(level)
      : `${proofWords(level)}: nothing says who built it`;
  const { repository, subject, issuer, workflow, builder, trigger } = signer;
  if (repository === undefined) return `signed by ${subject ?? 'somebody'}, for whom ${issuer} vouches`;
  return [
    `built from ${repository}${workflow === undefined ? '' : ` by ${workflow}`}`,
    ...(standing.ref === undefined ? [] : [refWords(standing.ref)]),
    ...(trigger === undefined
      ? []
      : [`started by ${trigger}${isOutsideTrigger(trigger) ? ', which strangers can cause' : ''}`]),
    ...(builder === undefined ? [] : [`signed by ${builder}`]),
  ].join(', ');
}

function refWords(ref: string): string {
  if (ref.startsWith('refs/tags/')) return `tag ${ref.slice('refs/tags/'.length)}`;
  return ref.startsWith('refs/heads/') ? `branch ${ref.slice('refs/heads/'.length)}` : ref;
}

/** Is there something to say about who stands behind a version now? What a finding has said already needs no second line. */
export function isWorthStating({ kind, findings }: PackageChange): boolean {
  const told = ['proof-refuted', 'proof-unavailable', 'proof-lost', 'source-new', 'source-changed'];
  return (
    (kind === 'new' || findings.some(({ weight }) => weight === 'alarm')) &&
    !findings.some((finding) => told.includes(finding.kind))
  );
}

/** What a version does to a machine: `runs postinstall at install; installs the command esbuild`. */
function effectWords({ installScripts, bins }: Standing): string | undefined {
  const words = [
    ...(installScripts.length === 0 ? [] : [`runs ${installScripts.join(', ')} at install`]),
    ...(bins.length === 0 ? [] : [`installs the command${bins.length === 1 ? '' : 's'} ${bins.join(', ')}`]),
  ];
  return words.length === 0 ? undefined : words.join('; ');
}

const ANNOUNCED = 'Look for word of it from the project itself, elsewhere than in the package.';

const NEXT: { readonly [Kind in FindingKind]?: string } = {
  'bytes-changed':
    'Do not merge. A published version never changes: find out where this line of the lockfile comes from.',
  'proof-refuted': 'Do not merge. npmsign explain tells what does not hold.',
  'proof-lost': 'Ask the project whether this release is theirs. A stolen token leaves exactly this trace.',
  'source-changed': 'Ask for a released version: what a registry serves can be verified.',
  'issuer-changed': ANNOUNCED,
  'subject-changed': ANNOUNCED,
  'repository-changed': ANNOUNCED,
  'repository-moved': 'Find out who the new owner is, and whether the old one meant it.',
  'ref-changed': 'Ask why this release was not tagged. Whoever can push a branch can build from one.',
  'trigger-changed': 'Find the run, and see who or what started it.',
  'workflow-changed': 'Read the new workflow file, and what may start it.',
  'builder-changed': 'Read the workflow that signs now, and find out whose it is.',
  'install-script-new':
    'Read the script before it runs. If it is right, allow it under install-script, pinned to this version.',
  'source-new': 'Ask for a released version: what a registry serves can be verified.',
  'proof-unavailable': 'Run it again when the registry answers.',
  'just-published': 'If nothing is urgent, wait a few days: most malware is found within them.',
  downgrade: 'Make sure that going back is meant.',
};

/** What to do about a change: the advice for its most serious finding. */
export function nextStep({ findings }: PackageChange): string | undefined {
  const advised = findings.find(({ kind, weight }) => weight !== 'good' && NEXT[kind] !== undefined);
  return advised === undefined ? undefined : NEXT[advised.kind];
}

/** Where the proved commits of both versions can be compared, where that is a page of a host known to have one. */
export function compareUrl({ before, after }: PackageChange): string | undefined {
  const repository = after?.signer?.repository;
  if (repository === undefined || before?.signer?.repository !== repository) return undefined;
  const [from, to] = [before.commit, after?.commit];
  const isCommit = (text: string | undefined): text is string => /^[0-9a-f]{40}$/.test(text ?? '');
  if (!isCommit(from) || !isCommit(to) || from === to) return undefined;
  if (/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+$/.test(repository))
    return `${repository}/compare/${from}...${to}`;
  return /^https:\/\/gitlab\.com(?:\/[\w.-]+){2,}$/.test(repository)
    ? `${repository}/-/compare/${from}...${to}`
    : undefined;
}

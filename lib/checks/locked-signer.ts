/** Is the signer still the one in `npmsign.lock.json`? */
import type { Evidence, Identity } from '../model/evidence.ts';
import type { LockEntry, LockedSigner, ProofLevel, RefClass } from '../model/lock.ts';
import type { Answer } from '../model/report.ts';
import { matchesRepository } from '../text/pattern.ts';
import { defineCheck, fail, pass, skip, unknown } from './define.ts';
import { isOwnCode, ownCodeReason, quoted } from './words.ts';
import { workflowWithoutRef } from './workflow-uri.ts';

/** Least proof first. */
const LEVELS: readonly ProofLevel[] = ['none', 'signature', 'publish', 'provenance'];

const HINT = 'Ask the project whether this is meant; then run npmsign lock to accept the new signer.';

/** Is there as much proof as when the signer was locked, and is it still the same signer? */
export const lockedSigner = defineCheck({
  id: 'locked-signer',
  question: 'Is the signer still the one in npmsign.lock.json?',
  about:
    'A release by somebody else, from elsewhere, or without the proof it used to have is the first sign of a stolen account. The lock ' +
    'remembers who signed each release line; what was locked must still hold, and what was not locked is not compared.',
  restsOn: 'proof + lock',
  ask({ package: { source }, evidence, lock }) {
    if (isOwnCode(source)) return skip(ownCodeReason(source));
    if (!lock.exists) return skip('the project has no npmsign.lock.json');
    if (lock.entry === undefined) return skip('not in npmsign.lock.json yet; npmsign lock records it');
    return proofAnswer(evidence, lock.entry) ?? signerAnswer(evidence, lock.entry);
  },
});

/** What is wrong with the amount of proof; `undefined` when there is as much as was locked. */
function proofAnswer(evidence: Evidence, entry: LockEntry): Answer | undefined {
  const wanted = LEVELS.indexOf(entry.proof);
  const facts = [
    { level: 'signature', proof: evidence.signature },
    { level: 'publish', proof: evidence.publish },
    { level: 'provenance', proof: evidence.provenance },
  ] as const;
  const enough = facts.filter(({ level }) => LEVELS.indexOf(level) >= wanted);
  const refuted = facts.find(({ proof }) => proof.status === 'refuted');
  if (refuted?.proof.status === 'refuted') return fail(refuted.proof.reason, HINT);
  if (wanted === 0 || enough.some(({ proof }) => proof.status === 'proved')) return undefined;
  for (const { proof } of enough) {
    if (proof.status === 'unavailable') return unknown(proof.reason);
  }
  const best = facts.findLast(({ proof }) => proof.status === 'proved')?.level ?? 'none';
  return fail(`locked with proof: ${entry.proof}; this version has: ${best}`, HINT);
}

function signerAnswer({ provenance }: Evidence, { signer }: LockEntry): Answer {
  if (signer === undefined) return pass('as much proof as when it was locked');
  switch (provenance.status) {
    case 'proved': {
      const changes = changesOf(signer, provenance.value.identity);
      return changes.length === 0
        ? pass(`still signed by ${quoted(signer.repository ?? signer.issuer)}`)
        : fail(`the signer changed: ${changes.join('; ')}`, HINT);
    }
    case 'unavailable':
      return unknown(provenance.reason);
    case 'refuted':
      return fail(provenance.reason, HINT);
    case 'absent':
    case 'notApplicable':
      return fail(
        `was signed by ${quoted(signer.repository ?? signer.issuer)}, and has no provenance now`,
        HINT,
      );
  }
}

function changesOf(locked: LockedSigner, identity: Identity): readonly string[] {
  const same = (was: string, is: string): boolean => was === is;
  return [
    ...change('issuer', { was: locked.issuer, is: identity.issuer }, same),
    ...change('repository', { was: locked.repository, is: identity.repository }, isSameRepository),
    ...change('repository id', { was: locked.repositoryId, is: identity.repositoryId }, same),
    ...change('owner id', { was: locked.ownerId, is: identity.ownerId }, same),
    ...change('workflow', { was: locked.workflow, is: identity.workflow }, same),
    ...change('builder', { was: locked.builder, is: identity.builder }, isSameBuilder),
    ...change('ref', { was: locked.refClass, is: refClassOf(identity.ref) }, same),
    ...change('trigger', { was: locked.trigger, is: identity.trigger }, same),
  ];
}

type Change = { readonly was: string | undefined; readonly is: string | undefined };

function change(
  what: string,
  { was, is }: Change,
  isSame: (was: string, is: string) => boolean,
): readonly string[] {
  if (was === undefined || (is !== undefined && isSame(was, is))) return [];
  return [`${what} was ${quoted(was)}, is ${quoted(is ?? 'not stated')}`];
}

// The lock is the pattern's side, so a wildcard in it is refused before it can match another name.
function isSameRepository(was: string, is: string): boolean {
  return was === is || (!/[*?]/.test(was) && matchesRepository(is, was));
}

/** Each release has its own ref in the builder's URI; `refClass` judges it. */
function isSameBuilder(was: string, is: string): boolean {
  return workflowWithoutRef(was) === workflowWithoutRef(is);
}

function refClassOf(ref: string | undefined): RefClass | undefined {
  if (ref === undefined) return undefined;
  if (ref.startsWith('refs/tags/')) return 'tag';
  return ref.startsWith('refs/heads/') ? 'branch' : 'other';
}

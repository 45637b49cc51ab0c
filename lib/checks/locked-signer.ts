/** Is the signer still the one in `npmsign.lock.json`? */
import type { Evidence } from '../model/evidence.ts';
import type { LockEntry } from '../model/lock.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Answer } from '../model/report.ts';
import { isProofEnough, PROOF_LEVELS, proofLevelOf, proofWords } from '../text/proof-level.ts';
import {
  compareSigners,
  type SignerChange,
  type SignerComparison,
  signerOf,
  signerWords,
} from '../text/signer.ts';
import { defineCheck, fail, pass, skip, unknown } from './define.ts';
import { bundledReason, isOwnCode, kindWords, ownCodeReason, quoted } from './words.ts';

const HINT =
  'Ask the project whether this is meant. If it is: npmsign lock --accept <package> --reason "<what they said>".';

/** Is there as much proof as when the signer was locked, and is it still the same signer? */
export const lockedSigner = defineCheck({
  id: 'locked-signer',
  question: 'Is the signer still the one in npmsign.lock.json?',
  about:
    'A release by somebody else, from elsewhere, or without the proof it used to have is the first sign of a stolen account. The lock ' +
    'remembers who signed each release line; what was locked must still hold, and what was not locked is not compared. A repository ' +
    'under another name is told apart by its numeric ids: renamed, handed to another owner, or another one. Trust begins at first ' +
    'use: what is not in the lock is reported as new.',
  restsOn: 'proof + lock',
  ask({ package: pkg, evidence, lock }) {
    const { source } = pkg;
    if (isOwnCode(source)) return skip(ownCodeReason(source));
    if (source.kind === 'bundled') return skip(bundledReason(source.inside));
    if (!lock.exists) return skip('the project has no npmsign.lock.json');
    if (lock.entry === undefined) return skip('new: not in npmsign.lock.json; npmsign lock records it');
    return (
      sourceAnswer(pkg, lock.entry) ?? proofAnswer(evidence, lock.entry) ?? signerAnswer(evidence, lock.entry)
    );
  },
});

/** A name means another package once it comes from another kind of place. */
function sourceAnswer({ source }: ResolvedPackage, entry: LockEntry): Answer | undefined {
  const was = entry.source ?? 'registry';
  if (was === source.kind) return undefined;
  return fail(`was ${kindWords(was)} when it was locked, and is ${kindWords(source.kind)} now`, HINT);
}

/** What is wrong with the amount of proof; `undefined` when there is as much as was locked. */
function proofAnswer(evidence: Evidence, { proof: wanted, signer }: LockEntry): Answer | undefined {
  // In the order of the levels, of which `none` needs no proof.
  const proofs = [evidence.signature, evidence.publish, evidence.provenance];
  const refuted = proofs.find((proof) => proof.status === 'refuted');
  if (refuted?.status === 'refuted') return fail(refuted.reason, HINT);
  const level = proofLevelOf(evidence);
  if (isProofEnough(level, wanted)) return undefined;
  // What could not be asked might be the very proof that is missing.
  const open = proofs.slice(PROOF_LEVELS.indexOf(wanted) - 1).find((proof) => proof.status === 'unavailable');
  if (open?.status === 'unavailable') return unknown(open.reason);
  const by = signer === undefined ? '' : `, signed by ${nameOf(signer)}`;
  return fail(`locked with ${proofWords(wanted)}${by}; this version has ${proofWords(level)}`, HINT);
}

function signerAnswer({ provenance }: Evidence, { signer, proof }: LockEntry): Answer {
  if (signer === undefined) {
    const more = provenance.status === 'proved' && proof !== 'provenance';
    return pass(
      more
        ? `more proof than when it was locked: signed by ${nameOf(provenance.value.identity)}, which npmsign lock records`
        : 'as much proof as when it was locked',
    );
  }
  // `proofAnswer` has seen to the rest: a locked signer means that provenance was wanted.
  if (provenance.status !== 'proved') return fail(`was signed by ${nameOf(signer)}, and is not now`, HINT);
  const now = signerOf(provenance.value.identity);
  const { changes, repository } = compareSigners(signer, now);
  if (changes.length === 0) return pass(`still signed by ${nameOf(now)}`);
  return fail(`the signer changed: ${changes.map(changeText).join('; ')}${SAME_ID[repository]}`, HINT);
}

const SAME_ID: Readonly<Record<SignerComparison['repository'], string>> = {
  same: '',
  other: '',
  renamed: '. By their numeric ids, repository and owner are the same as before: it was renamed',
  moved: '. By its numeric id the repository is the same as before, in the hands of another owner',
};

function changeText({ what, was, is }: SignerChange): string {
  return `${signerWords(what)} was ${quoted(was)}, is ${quoted(is ?? 'not stated')}`;
}

function nameOf(signer: {
  readonly repository?: string;
  readonly subject?: string;
  readonly issuer: string;
}): string {
  return quoted(signer.repository ?? signer.subject ?? signer.issuer);
}

/** Says what is different between what was locked and what is. */
import type { LockEntry, LockedSigner } from '../model/lock.ts';
import { isProofEnough, proofWords } from '../text/proof-level.ts';
import { tame } from '../text/sanitize.ts';
import { compareSigners, type SignerChange, type SignerComparison, signerWords } from '../text/signer.ts';
import { SIGNER_FIELDS } from './format.ts';

/** Differences, a clause each. */
export type Differences = {
  /** What somebody must have meant: another signer, another place, less proof, code that runs at install. */
  readonly worse: readonly string[];
  /** What is merely news: more proof, more known about the signer, other commands. */
  readonly other: readonly string[];
};

/** Compares two entries of the same release line. `locked` is what was accepted, `found` what is. */
export function differencesOf(locked: LockEntry, found: LockEntry): Differences {
  return {
    worse: [
      ...sourceChange(locked, found),
      ...lostProof(locked, found),
      ...signerChange(locked, found),
      ...newScript(locked, found),
    ],
    other: [
      ...gainedProof(locked, found),
      ...learnt(locked, found),
      ...lostScript(locked, found),
      ...bins(locked, found),
    ],
  };
}

/** Does what was accepted still hold? */
export function isHolding(locked: LockEntry, found: LockEntry): boolean {
  return differencesOf(locked, found).worse.length === 0;
}

/** Who signed, in a word: the repository, or else whoever the certificate names. */
export function signerName(signer: LockedSigner): string {
  return tame(signer.repository ?? signer.subject ?? signer.issuer, 200);
}

function sourceChange(locked: LockEntry, found: LockEntry): readonly string[] {
  const [was, is] = [locked.source ?? 'registry', found.source ?? 'registry'];
  return was === is ? [] : [`came from ${placeWords(was)}, and comes from ${placeWords(is)} now`];
}

function placeWords(kind: string): string {
  return kind === 'registry' ? 'a registry' : `a ${kind} source`;
}

function lostProof(locked: LockEntry, found: LockEntry): readonly string[] {
  if (isProofEnough(found.proof, locked.proof)) return [];
  const by = locked.signer === undefined ? '' : ` by ${signerName(locked.signer)}`;
  return [`had ${proofWords(locked.proof)}${by}, and has ${proofWords(found.proof)} now`];
}

function signerChange({ signer: was }: LockEntry, { signer: is }: LockEntry): readonly string[] {
  if (was === undefined || is === undefined) return [];
  const { changes, repository } = compareSigners(was, is);
  return changes.map(
    (change) => `${changeWords(change)}${change.what === 'repository' ? SAME_ID[repository] : ''}`,
  );
}

const SAME_ID: Readonly<Record<SignerComparison['repository'], string>> = {
  same: '',
  other: '',
  renamed: ' (renamed: the same repository and owner by their numeric ids)',
  moved: ' (the same repository by its numeric id, in the hands of another owner)',
};

function changeWords({ what, was, is }: SignerChange): string {
  return `${signerWords(what)} was ${tame(was, 200)}, is ${tame(is ?? 'not stated', 200)}`;
}

function newScript(locked: LockEntry, found: LockEntry): readonly string[] {
  return found.installScript && !locked.installScript ? ['runs code at install, and ran none before'] : [];
}

function lostScript(locked: LockEntry, found: LockEntry): readonly string[] {
  return locked.installScript && !found.installScript ? ['runs no code at install any more'] : [];
}

function gainedProof(locked: LockEntry, found: LockEntry): readonly string[] {
  if (isProofEnough(locked.proof, found.proof)) return [];
  const by = found.signer === undefined ? '' : `, signed by ${signerName(found.signer)}`;
  return [`had ${proofWords(locked.proof)}, and has ${proofWords(found.proof)} now${by}`];
}

/** Facts about the signer that the lock does not hold yet; from now on they count. */
function learnt({ signer: was }: LockEntry, { signer: is }: LockEntry): readonly string[] {
  if (was === undefined || is === undefined) return [];
  const fields = SIGNER_FIELDS.filter(
    (field) => was[field] === undefined && is[field] !== undefined && field !== 'builder',
  );
  return fields.length === 0 ? [] : [`its certificate now states: ${fields.map(signerWords).join(', ')}`];
}

function bins(locked: LockEntry, found: LockEntry): readonly string[] {
  const added = found.bins.filter((bin) => !locked.bins.includes(bin)).map((bin) => tame(bin, 60));
  const gone = locked.bins.filter((bin) => !found.bins.includes(bin)).map((bin) => tame(bin, 60));
  return [
    ...(added.length === 0 ? [] : [`installs new commands: ${added.join(', ')}`]),
    ...(gone.length === 0 ? [] : [`no longer installs: ${gone.join(', ')}`]),
  ];
}

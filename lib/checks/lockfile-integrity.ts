/** Does the lockfile pin strong hashes, and the registry list the same ones? */
import type { Manifest } from '../model/evidence.ts';
import type { Integrity } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import type { Answer } from '../model/report.ts';
import { parseIntegrity, sameIntegrity, strongestHash } from '../text/integrity.ts';
import { defineCheck, fail, pass, type Subject, skip, unknown } from './define.ts';
import { bundledReason, isOwnCode, kindWords, ownCodeReason, quoted } from './words.ts';

const RELOCK = 'Remove the entry from the lockfile and install again, from a registry you trust.';
const ARCHIVE = /\.(?:tgz|tar\.gz|tar)$/i;

/** Is there one sha512, and does the registry list the same for this version? */
export const lockfileIntegrity = defineCheck({
  id: 'lockfile-integrity',
  question: 'Is there a strong hash (sha512), equal to what the registry lists for this version?',
  about:
    'The hash in the lockfile is what the package manager proves the bytes against, and what every signature is checked against: ' +
    'without it nothing else holds. Two competing hashes, or text that some reader could take for a second hash, would let ' +
    'two tarballs pass. Where the registry lists no sha512 to compare with, that hash passes alone and the answer says so.',
  restsOn: 'tree + told',
  ask(subject) {
    const { patched } = subject.package;
    const answer = answerFor(subject);
    if (patched === undefined || answer.kind === 'fail') return answer;
    return { ...answer, because: `${answer.because}; the project then changes it by ${quoted(patched)}` };
  },
});

function answerFor({
  package: { source, integrity, integrityGap },
  evidence: { manifest },
}: Subject): Answer {
  if (isOwnCode(source)) return skip(ownCodeReason(source));
  if (integrityGap !== undefined) return unknown(integrityGap);
  switch (source.kind) {
    case 'bundled':
      return skip(bundledReason(source.inside));
    case 'git':
      return skip('a git dependency is pinned by its commit; package-source decides whether it may be used');
    case 'file':
      return integrity === undefined && !ARCHIVE.test(source.resolved)
        ? skip('a local folder has no tarball to hash')
        : (faultOf(integrity) ?? pass('pinned by sha512'));
    case 'remote':
      return faultOf(integrity) ?? pass(`pinned by sha512; ${kindWords(source.kind)} is listed nowhere`);
    case 'registry':
      return integrity === undefined
        ? fail('the lockfile states no well-formed hash', RELOCK)
        : (faultOf(integrity) ?? compared(integrity, manifest));
    case 'workspace':
    case 'link':
      return skip(ownCodeReason(source));
  }
}

/** What is wrong with a hash by itself; `undefined` when it is one well-formed sha512, alone or beside weaker ones. */
function faultOf(integrity: Integrity | undefined): Answer | undefined {
  if (integrity === undefined) return fail('the lockfile states no well-formed hash', RELOCK);
  const written = quoted(integrity.text);
  // Package managers split at every kind of space and accept any hash of the strongest algorithm they know. A part we
  // would ignore, or an option that hides one, could be the hash they accept.
  const parts = integrity.text.split(/\s+/).filter((part) => part !== '');
  const spelt = new Set(integrity.hashes.map(({ algorithm, digest }) => `${algorithm}-${digest}`));
  if (!parts.every((part) => spelt.has(part))) {
    return fail(`the lockfile's hash is malformed: ${written}`, RELOCK);
  }
  const sha512 = integrity.hashes.filter(({ algorithm }) => algorithm === 'sha512');
  if (sha512.length === 0) return fail(`the lockfile states no sha512: ${written}`, RELOCK);
  return strongestHash(integrity) === undefined
    ? fail(`the lockfile states two different sha512 hashes: ${written}`, RELOCK)
    : undefined;
}

function compared(integrity: Integrity, manifest: Told<Manifest>): Answer {
  switch (manifest.status) {
    case 'unavailable':
      return unknown(manifest.reason);
    case 'notApplicable':
      return unknown(manifest.reason);
    case 'absent':
      return fail(manifest.reason ?? 'the registry has no such version', RELOCK);
    case 'told':
      return comparedWith(integrity, manifest.value.integrity);
  }
}

function comparedWith(integrity: Integrity, text: string | undefined): Answer {
  if (text === undefined) return pass('pinned by sha512; the registry lists no hash to compare it with');
  const listed = parseIntegrity(text);
  if (listed === undefined) return fail(`the registry lists a malformed hash: ${quoted(text)}`);
  if (!listed.hashes.some(({ algorithm }) => algorithm === 'sha512')) {
    return weakerAgrees(integrity, listed)
      ? pass('pinned by sha512; the registry lists only a weaker hash')
      : fail(`the registry lists another hash: ${quoted(text)}`, RELOCK);
  }
  return sameIntegrity(integrity, listed)
    ? pass('pinned by sha512, and the registry lists the same')
    : fail(`the registry lists another hash for this version: ${quoted(text)}`, RELOCK);
}

/** A weaker listed hash cannot prove anything, but one of the same algorithm that differs disproves. */
function weakerAgrees(integrity: Integrity, listed: Integrity): boolean {
  return listed.hashes.every(({ algorithm, digest }) =>
    integrity.hashes.every((hash) => hash.algorithm !== algorithm || hash.digest === digest),
  );
}

/** Does package.json name the repository it was built from? */
import type { Manifest } from '../model/evidence.ts';
import type { Told } from '../model/proof.ts';
import type { Answer } from '../model/report.ts';
import { sameRepository } from '../text/pattern.ts';
import { defineCheck, fail, pass, type Subject, skip, unknown } from './define.ts';
import { repositoryUrlOf } from './repository-url.ts';
import { isOwnCode, ownCodeReason, quoted } from './words.ts';

const HINT = 'Read the code in the repository it was built from, not in the one it names.';

/** Are the declared and the proved repository the same? */
export const declaredRepository = defineCheck({
  id: 'declared-repository',
  question: 'Does package.json name the repository it was built from?',
  about:
    'People judge a package by the repository it links to. A package built elsewhere borrows the good name of a project it does not ' +
    'come from. Without provenance there is nothing to compare, and the check does not apply.',
  restsOn: 'proof + told',
  ask(subject) {
    const { provenance, manifest } = subject.evidence;
    if (isOwnCode(subject.package.source)) return skip(ownCodeReason(subject.package.source));
    switch (provenance.status) {
      case 'proved':
        return answerFor(provenance.value.identity.repository, manifest);
      case 'refuted':
        return fail(provenance.reason, 'Do not install this version.');
      case 'unavailable':
        return unavailableAnswer(subject, provenance.reason);
      case 'absent':
      case 'notApplicable':
        return skip('no provenance says where it was built');
    }
  },
});

function answerFor(built: string | undefined, manifest: Told<Manifest>): Answer {
  if (built === undefined) return fail('the certificate names no repository');
  switch (manifest.status) {
    case 'told':
      return compared(built, manifest.value.repository);
    case 'absent':
      return fail(manifest.reason ?? 'the registry has no such version');
    case 'unavailable':
    case 'notApplicable':
      return unknown(manifest.reason);
  }
}

function compared(built: string, written: string | undefined): Answer {
  if (written === undefined) {
    return fail(`built from ${quoted(built)}, and package.json names no repository`, HINT);
  }
  const declared = repositoryUrlOf(written);
  return declared !== undefined && sameRepository(built, declared)
    ? pass(`package.json names ${quoted(built)}, where it was built`)
    : fail(`built from ${quoted(built)}, and package.json names ${quoted(written)}`, HINT);
}

function unavailableAnswer({ package: { source } }: Subject, reason: string): Answer {
  return source.kind === 'registry' ? unknown(reason) : skip('no provenance says where it was built');
}

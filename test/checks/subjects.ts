/** Subjects that several check tests share: packages from each kind of place, and changed certificates. */
import assert from 'node:assert/strict';
import type { Subject } from '../../lib/checks/define.ts';
import type { Evidence, Identity, Manifest, Provenance } from '../../lib/model/evidence.ts';
import type { PackageSource, ResolvedPackage } from '../../lib/model/package.ts';
import type { Answer } from '../../lib/model/report.ts';
import {
  aManifest,
  anEvidence,
  anIdentity,
  aPackage,
  aProvenance,
  aSubject,
  proved,
  told,
  without,
} from '../support/builders.ts';

/** A place of each kind. */
export const PLACES: { readonly [Kind in PackageSource['kind']]: PackageSource } = {
  registry: { kind: 'registry' },
  git: {
    kind: 'git',
    resolved: 'git+ssh://git@github.com/acme/lib.git#0123456789abcdef0123456789abcdef01234567',
  },
  remote: { kind: 'remote', resolved: 'https://files.example/lib-1.2.3.tgz' },
  file: { kind: 'file', resolved: 'file:vendor/lib-1.2.3.tgz' },
  workspace: { kind: 'workspace', path: 'packages/lib' },
  link: { kind: 'link', path: '../lib' },
  bundled: { kind: 'bundled', inside: 'node_modules/outer' },
};

/** What evidence says about anything that is in no registry. */
export const NO_EVIDENCE: Evidence = {
  signature: { status: 'notApplicable', reason: 'in no registry' },
  publish: { status: 'notApplicable', reason: 'in no registry' },
  provenance: { status: 'notApplicable', reason: 'in no registry' },
  manifest: { status: 'notApplicable', reason: 'in no registry' },
  history: { status: 'notApplicable', reason: 'in no registry' },
};

/** A package from a place, with the evidence such a package has. */
export function from(kind: PackageSource['kind'], overrides: Partial<ResolvedPackage> = {}): Subject {
  const key = kind === 'bundled' ? { key: 'node_modules/outer/node_modules/@acme/lib' } : {};
  const pkg = aPackage({ source: PLACES[kind], ...key, ...overrides });
  return aSubject({ package: pkg, evidence: kind === 'registry' ? anEvidence({}, pkg) : NO_EVIDENCE });
}

/** The ordinary package with some of its evidence changed. */
export function having(evidence: Partial<Evidence>, pkg: ResolvedPackage = aPackage()): Subject {
  return aSubject({ package: pkg, evidence: anEvidence(evidence, pkg) });
}

/** The ordinary package with a changed certificate. */
export function signedBy(identity: Partial<Identity>, provenance: Partial<Provenance> = {}): Subject {
  return having({ provenance: proved(aProvenance({ identity: anIdentity(identity), ...provenance })) });
}

/** The ordinary package whose certificate lacks some fields. */
export function signedWithout(...fields: readonly Exclude<keyof Identity, 'issuer' | 'subject'>[]): Subject {
  return having({ provenance: proved(aProvenance({ identity: without(anIdentity(), ...fields) })) });
}

/** The ordinary package with a changed manifest. */
export function listedAs(manifest: Partial<Manifest>): Subject {
  return having({ manifest: told(aManifest(manifest)) });
}

/** Asserts the kind of an answer and that its reason says so. */
export function assertAnswer(answer: Answer, kind: Answer['kind'], because: RegExp): void {
  assert.equal(answer.kind, kind, `${answer.kind}: ${answer.because}`);
  assert.match(answer.because, because);
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subject } from '../../lib/checks/define.ts';
import { installScript } from '../../lib/checks/install-script.ts';
import type { Allowances } from '../../lib/model/package.ts';
import { aPackage, without } from '../support/builders.ts';
import { assertAnswer, from, having, listedAs, PLACES } from './subjects.ts';

const scripted = listedAs({ installScripts: ['postinstall'] });
const nobody = { allow: [] };

function reviewedAs(allowed: readonly string[], denied: readonly string[] = []): Subject {
  const at = (specs: readonly string[]) => specs.map((spec) => ({ spec, from: 'package.json allowScripts' }));
  const allowances: Allowances = { allowed: at(allowed), denied: at(denied) };
  return { ...scripted, allowances };
}

describe('install-script', () => {
  it('passes a package that runs nothing, and refuses one that does', () => {
    assertAnswer(installScript.ask(having({}), nobody), 'pass', /runs nothing at install/);
    assertAnswer(
      installScript.ask(scripted, nobody),
      'fail',
      /runs postinstall at install, and nobody has reviewed it/,
    );
  });

  it('refuses an implicit build the registry tells of, though the lockfile knows none', () => {
    const subject = listedAs({ installScripts: ['node-gyp rebuild'] });
    assert.equal(subject.package.hasInstallScript, false);
    assertAnswer(installScript.ask(subject, nobody), 'fail', /runs node-gyp rebuild at install/);
  });

  it('refuses a script the lockfile tells of, though the registry knows none', () => {
    const subject = having({}, aPackage({ hasInstallScript: true }));
    assertAnswer(installScript.ask(subject, nobody), 'fail', /runs a script at install/);
  });

  it('is unknown when the registry could not be asked, unless the lockfile says yes', () => {
    const manifest = { status: 'unavailable', reason: 'timed out' } as const;
    assertAnswer(installScript.ask(having({ manifest }), nobody), 'unknown', /timed out/);
    const silent = having({ manifest }, without(aPackage(), 'hasInstallScript'));
    assertAnswer(installScript.ask(silent, nobody), 'unknown', /timed out/);
    const scripts = having({ manifest }, aPackage({ hasInstallScript: true }));
    assertAnswer(installScript.ask(scripts, nobody), 'fail', /runs a script/);
  });

  it('refuses a version the registry does not have', () =>
    assertAnswer(
      installScript.ask(having({ manifest: { status: 'absent' } }), nobody),
      'fail',
      /no such version/,
    ));

  it('says when the script is new since the signer was locked', () => {
    const entry = { name: '@acme/lib', line: '1', proof: 'none', installScript: false, bins: [] } as const;
    assertAnswer(
      installScript.ask({ ...scripted, lock: { exists: true, entry } }, nobody),
      'fail',
      /ran nothing when/,
    );
    const before = { ...scripted, lock: { exists: true, entry: { ...entry, installScript: true } } };
    assertAnswer(installScript.ask(before, nobody), 'fail', /reviewed it$/);
  });
});

describe('install-script, reviewed', () => {
  const cases = [
    ['passes a name the policy allows', ['@acme/lib'], 'pass'],
    ['passes the pinned version', ['@acme/lib@1.2.3'], 'pass'],
    ['refuses another pinned version', ['@acme/lib@1.2.2'], 'fail'],
    ['passes by scope', ['@acme/*'], 'pass'],
    ['refuses another scope', ['@evil/*'], 'fail'],
    ['refuses what a later pattern excludes', ['@acme/*', '!@acme/lib'], 'fail'],
  ] as const;
  for (const [name, allow, kind] of cases) {
    it(name, () =>
      assertAnswer(installScript.ask(scripted, { allow }), kind, /allowed by the policy|nobody/),
    );
  }

  const reviews = [
    ['passes a name reviewed for the manager', ['@acme/lib'], [], 'pass'],
    ['passes the reviewed version', ['@acme/lib@1.2.3'], [], 'pass'],
    ['passes one of several reviewed versions', ['@acme/lib@1.2.2 || 1.2.3'], [], 'pass'],
    ['refuses a version nobody reviewed', ['@acme/lib@1.2.2'], [], 'fail'],
    ['reads no globs in reviews', ['@acme/*', '**'], [], 'fail'],
    ['reads no ranges in reviews', ['@acme/lib@^1.0.0'], [], 'fail'],
    ['refuses what is denied as well as allowed', ['@acme/lib'], ['@acme/lib'], 'fail'],
    ['refuses a denied version', ['@acme/lib'], ['@acme/lib@1.2.3'], 'fail'],
    ['passes when another version is denied', ['@acme/lib'], ['@acme/lib@1.2.2'], 'pass'],
  ] as const;
  for (const [name, allowed, denied, kind] of reviews) {
    it(name, () =>
      assertAnswer(installScript.ask(reviewedAs(allowed, denied), nobody), kind, /by package\.json|nobody/),
    );
  }

  it('refuses a denied package though the policy allows it', () =>
    assertAnswer(
      installScript.ask(reviewedAs([], ['@acme/lib']), { allow: ['**'] }),
      'fail',
      /denied by package\.json/,
    ));
});

describe('install-script, outside a registry', () => {
  it('skips the project’s own code', () => {
    assertAnswer(
      installScript.ask(from('workspace', { hasInstallScript: true }), nobody),
      'skip',
      /own code/,
    );
    assertAnswer(installScript.ask(from('link', { hasInstallScript: true }), nobody), 'skip', /own code/);
  });

  it('refuses a git dependency, which may run its prepare script', () =>
    assertAnswer(installScript.ask(from('git'), nobody), 'fail', /prepare script, and nobody/));

  it('never allows a git dependency by the name it gives itself, only by its place', () => {
    assertAnswer(installScript.ask(from('git'), { allow: ['@acme/lib'] }), 'fail', /nobody/);
    const place = (PLACES.git as { readonly resolved: string }).resolved;
    assertAnswer(installScript.ask(from('git'), { allow: [place] }), 'pass', /allowed by the policy/);
    assertAnswer(
      installScript.ask(from('git'), { allow: [place.replace('acme', 'evil')] }),
      'fail',
      /nobody/,
    );
    assertAnswer(installScript.ask(from('git'), { allow: [place, `!${place}`] }), 'fail', /nobody/);
  });

  it('never allows a bundled package by name', () => {
    const subject = from('bundled', { hasInstallScript: true });
    assertAnswer(installScript.ask(subject, { allow: ['**', '@acme/lib'] }), 'fail', /nobody/);
    assertAnswer(installScript.ask(from('bundled'), nobody), 'pass', /by the word of the lockfile/);
  });

  it('is unknown where the lockfile does not say', () => {
    const subject = from('remote');
    const silent = { ...subject, package: without(subject.package, 'hasInstallScript') };
    assertAnswer(installScript.ask(silent, nobody), 'unknown', /neither lockfile nor registry/);
  });
});

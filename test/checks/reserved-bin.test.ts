import { describe, it } from 'node:test';
import type { Subject } from '../../lib/checks/define.ts';
import { reservedBin } from '../../lib/checks/reserved-bin.ts';
import { aPackage, without } from '../support/builders.ts';
import { assertAnswer, from, having, listedAs } from './subjects.ts';

const ask = (subject: Subject) => reservedBin.ask(subject, { names: [] });

describe('reserved-bin', () => {
  for (const bin of [
    'node',
    'npm',
    'npx',
    'sh',
    'git',
    'npmsign',
    'corepack',
    'bash',
    'env',
    'node-gyp',
    'python3',
  ]) {
    it(`refuses a command named ${bin}, told by lockfile or registry`, () => {
      assertAnswer(ask(having({}, aPackage({ bins: [bin] }))), 'fail', /installs the reserved command/);
      assertAnswer(ask(listedAs({ bins: ['harmless', bin] })), 'fail', /installs the reserved command/);
    });
  }

  for (const bin of [
    'Node',
    'node.exe',
    'NODE.CMD',
    'npm.ps1',
    './node',
    'bin/node',
    '..\\node',
    'c:node',
    'git.',
    'sh ',
    '@acme/node',
  ]) {
    it(`refuses the spelling ${JSON.stringify(bin)}`, () =>
      assertAnswer(ask(listedAs({ bins: [bin] })), 'fail', /reserved command/));
  }

  for (const bin of ['acme', 'node-which', 'npm-check', 'nodemon', 'sh-lint', 'gitlab']) {
    it(`passes ${bin}`, () =>
      assertAnswer(ask(listedAs({ bins: [bin] })), 'pass', new RegExp(`installs ${bin}`)));
  }

  it('passes the tool itself under its own name, and nobody else', () => {
    const named = (name: string, bins: readonly string[]) =>
      having({}, aPackage({ id: { name, version: '11.0.0' }, bins }));
    assertAnswer(ask(named('npm', ['npm', 'npx'])), 'pass', /installs npm, npx/);
    assertAnswer(ask(named('npm', ['npm', 'git'])), 'fail', /command git/);
    assertAnswer(ask(named('npm-evil', ['npm'])), 'fail', /command npm/);
    assertAnswer(ask(named('npmsign', ['npmsign'])), 'pass', /installs npmsign/);
    assertAnswer(
      ask(from('git', { id: { name: 'npm', version: '11.0.0' }, bins: ['npm'] })),
      'fail',
      /command npm/,
    );
  });

  it('refuses further names from the policy, even from their owners', () => {
    const npm = having({}, aPackage({ id: { name: 'npm', version: '11.0.0' }, bins: ['npm'] }));
    assertAnswer(reservedBin.ask(npm, { names: ['npm'] }), 'fail', /command npm/);
    assertAnswer(reservedBin.ask(listedAs({ bins: ['Acme.cmd'] }), { names: ['acme'] }), 'fail', /Acme\.cmd/);
  });

  it('is unknown when names cannot be known', () => {
    assertAnswer(ask(listedAs({ bins: ['*'] })), 'unknown', /whole folder/);
    assertAnswer(
      ask(having({ manifest: { status: 'unavailable', reason: 'timed out' } })),
      'unknown',
      /timed out/,
    );
    const silent = from('remote');
    assertAnswer(ask({ ...silent, package: without(silent.package, 'bins') }), 'unknown', /neither lockfile/);
  });

  it('judges nested packages like others, and leaves bundled ones to the package around them', () => {
    const nested = aPackage({ key: 'node_modules/a/node_modules/@acme/lib', bins: ['node'] });
    assertAnswer(ask(having({}, nested)), 'fail', /command node/);
    assertAnswer(ask(from('bundled', { bins: ['node'] })), 'pass', /only inside node_modules\/outer/);
    const loose = from('bundled', { bins: ['node'], key: 'node_modules/@acme/lib' });
    assertAnswer(ask(loose), 'fail', /command node/);
  });

  it('skips the project’s own code', () => {
    assertAnswer(ask(from('workspace', { bins: ['node'] })), 'skip', /own code/);
    assertAnswer(ask(from('link', { bins: ['node'] })), 'skip', /own code/);
  });
});

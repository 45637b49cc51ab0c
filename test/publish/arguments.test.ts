/** Tests of the arguments of npmsign publish. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePublishArguments } from '../../lib/publish/arguments.ts';

describe('the arguments of a publish', () => {
  it('are none: the package of this folder, with its scripts', () => {
    assert.deepEqual(parsePublishArguments([]), { flags: [], isRehearsal: false, runsScripts: true });
  });

  it('are a tarball and flags, values beside them or behind an equals sign', () => {
    const args = ['--tag', 'next', './a.tgz', '--access=public', '--ignore-scripts'];
    assert.deepEqual(parsePublishArguments(args), {
      tarball: './a.tgz',
      flags: ['--tag=next', '--access=public', '--ignore-scripts'],
      access: 'public',
      isRehearsal: false,
      runsScripts: false,
    });
    assert.equal(parsePublishArguments(['--access', 'restricted']).access, 'restricted');
  });

  for (const [arg, is] of [
    ['--dry-run', true],
    ['--dry-run=true', true],
    ['--dry-run=false', false],
  ] as const) {
    it(`${arg} is ${is ? 'a' : 'no'} rehearsal`, () => {
      assert.equal(parsePublishArguments([arg]).isRehearsal, is);
    });
  }

  for (const args of [
    ['--provenance'],
    ['--provenance=true'],
    ['--provenance-file=x.json'],
    ['-w', 'packages/a'],
    ['--workspace=a'],
    ['--workspaces'],
    ['-r'],
    ['--prefix', 'elsewhere'],
    ['a.tgz', 'b.tgz'],
    ['folder'],
  ]) {
    it(`${args.join(' ')} is refused, with what to do instead`, () => {
      assert.throws(
        () => parsePublishArguments(args),
        (error: unknown) => {
          assert.ok(error instanceof Error && 'code' in error && 'hint' in error);
          assert.equal(error.code, 'BAD_FLAG_VALUE');
          assert.match(String(error.hint), /Leave it out|Run npmsign publish|Without one/);
          return true;
        },
      );
    });
  }
});

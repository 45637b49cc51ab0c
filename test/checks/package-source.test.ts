import { describe, it } from 'node:test';
import { packageSource } from '../../lib/checks/package-source.ts';
import type { SourceKind } from '../../lib/model/package.ts';
import { assertAnswer, from, PLACES } from './subjects.ts';

const KINDS = [
  'registry',
  'git',
  'remote',
  'file',
  'workspace',
  'link',
  'bundled',
] as const satisfies readonly SourceKind[];

describe('package-source', () => {
  for (const kind of KINDS) {
    it(`passes ${kind} where it is allowed, and refuses it where everything else is`, () => {
      assertAnswer(packageSource.ask(from(kind), { allow: [kind] }), 'pass', /^an? /);
      const others = KINDS.filter((other) => other !== kind);
      assertAnswer(packageSource.ask(from(kind), { allow: others }), 'fail', /; allowed: /);
    });
  }

  it('refuses everything when nothing is allowed', () =>
    assertAnswer(packageSource.ask(from('registry'), { allow: [] }), 'fail', /allowed: nothing/));

  it('names the place, harmless', () => {
    const resolved = 'https://me:secret@evil.example/\u202etgz';
    const subject = from('remote', { source: { ...PLACES.remote, kind: 'remote', resolved } });
    assertAnswer(
      packageSource.ask(subject, { allow: [] }),
      'fail',
      /https:\/\/\*\*\*@evil\.example\/\\u\{202e\}tgz/,
    );
  });
});

import { describe, it } from 'node:test';
import { sourceRef } from '../../lib/checks/source-ref.ts';
import { anIdentity, aPackage, aProvenance, proved } from '../support/builders.ts';
import { assertAnswer, having, signedBy, signedWithout } from './subjects.ts';

const VERSION = 'refs/tags/v$'.concat('{version}');
const NAME_AND_VERSION = 'refs/tags/$'.concat('{name}@$', '{version}');

describe('source-ref', () => {
  const cases = [
    ['passes the version’s own tag', 'refs/tags/v1.2.3', [VERSION], 'pass'],
    ['refuses another version’s tag', 'refs/tags/v1.2.4', [VERSION], 'fail'],
    ['refuses a tag that only starts alike', 'refs/tags/v1.2.3-evil', [VERSION], 'fail'],
    ['refuses a branch named like the tag', 'refs/heads/v1.2.3', [VERSION], 'fail'],
    ['refuses a throwaway branch', 'refs/heads/snapshot', [VERSION], 'fail'],
    ['passes a tag with name and version', 'refs/tags/@acme/lib@1.2.3', [NAME_AND_VERSION], 'pass'],
    ['passes a branch by exact name', 'refs/heads/main', [VERSION, 'refs/heads/main'], 'pass'],
    ['refuses a deeper branch than a glob reaches', 'refs/heads/a/b', ['refs/heads/*'], 'fail'],
  ] as const;
  for (const [name, ref, allow, kind] of cases) {
    it(name, () => assertAnswer(sourceRef.ask(signedBy({ ref }), { allow }), kind, /^built from refs\//));
  }

  for (const version of ['*', '1.2.?', '**']) {
    it(`never lets a version of ${version} widen the pattern`, () => {
      const provenance = proved(aProvenance({ identity: anIdentity({ ref: 'refs/tags/v1.2.3' }) }));
      const subject = having({ provenance }, aPackage({ id: { name: '@acme/lib', version } }));
      assertAnswer(sourceRef.ask(subject, { allow: [VERSION] }), 'fail', /allowed: refs\/tags\/v/);
    });
  }

  it('fills in once: a name that spells a placeholder stays a name', () => {
    const name = '$'.concat('{version}');
    const subject = having(
      { provenance: proved(aProvenance({ identity: anIdentity({ ref: 'refs/tags/1.2.3@1.2.3' }) })) },
      aPackage({ id: { name, version: '1.2.3' } }),
    );
    assertAnswer(sourceRef.ask(subject, { allow: [NAME_AND_VERSION] }), 'fail', /allowed/);
  });

  it('refuses a certificate without a ref, and a rule without a pattern', () => {
    assertAnswer(sourceRef.ask(signedWithout('ref'), { allow: [VERSION] }), 'fail', /names no ref/);
    assertAnswer(sourceRef.ask(having({}), { allow: [] }), 'fail', /the policy allows none/);
  });
});

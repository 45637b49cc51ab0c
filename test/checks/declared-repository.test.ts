import { describe, it } from 'node:test';
import { declaredRepository } from '../../lib/checks/declared-repository.ts';
import { aManifest, told, without } from '../support/builders.ts';
import { assertAnswer, from, having, listedAs, signedWithout } from './subjects.ts';

describe('declared-repository', () => {
  const cases = [
    ['passes the repository it was built from', 'git+https://github.com/acme/lib.git', 'pass'],
    ['passes another case on GitHub', 'github:Acme/Lib', 'pass'],
    ['refuses a borrowed name', 'https://github.com/famous/lib', 'fail'],
    ['refuses a longer name', 'https://github.com/acme/lib-evil', 'fail'],
    ['refuses another host', 'https://github.com.evil.example/acme/lib', 'fail'],
    ['refuses a wildcard', 'https://github.com/**', 'fail'],
    ['refuses what is no repository', 'see our website', 'fail'],
  ] as const;
  for (const [name, repository, kind] of cases) {
    it(name, () =>
      assertAnswer(declaredRepository.ask(listedAs({ repository }), {}), kind, /package\.json names /),
    );
  }

  it('refuses a package that names none', () => {
    const subject = having({ manifest: told(without(aManifest(), 'repository')) });
    assertAnswer(declaredRepository.ask(subject, {}), 'fail', /names no repository/);
  });

  it('refuses a certificate that names none', () =>
    assertAnswer(
      declaredRepository.ask(signedWithout('repository'), {}),
      'fail',
      /certificate names no repository/,
    ));

  it('does not apply without provenance', () => {
    assertAnswer(
      declaredRepository.ask(having({ provenance: { status: 'absent' } }), {}),
      'skip',
      /no provenance/,
    );
    for (const kind of ['git', 'remote', 'file', 'bundled', 'workspace', 'link'] as const) {
      assertAnswer(declaredRepository.ask(from(kind), {}), 'skip', /no provenance|own code/);
    }
  });

  it('fails on refuted provenance, and is unknown when something could not be asked', () => {
    const refuted = having({ provenance: { status: 'refuted', reason: 'a wrong signature' } });
    assertAnswer(declaredRepository.ask(refuted, {}), 'fail', /a wrong signature/);
    const unavailable = { status: 'unavailable', reason: 'timed out' } as const;
    assertAnswer(declaredRepository.ask(having({ provenance: unavailable }), {}), 'unknown', /timed out/);
    assertAnswer(declaredRepository.ask(having({ manifest: unavailable }), {}), 'unknown', /timed out/);
    assertAnswer(
      declaredRepository.ask(having({ manifest: { status: 'absent' } }), {}),
      'fail',
      /no such version/,
    );
  });
});

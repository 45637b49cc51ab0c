import { describe, it } from 'node:test';
import { buildWorkflow } from '../../lib/checks/build-workflow.ts';
import { assertAnswer, having, signedBy, signedWithout } from './subjects.ts';

const RELEASE = '.github/workflows/release.yml';
const HOSTED = 'https://github.com/actions/runner/github-hosted';
const REUSABLE = 'https://github.com/acme/builders/.github/workflows/npm.yml';

describe('build-workflow, by allow', () => {
  const cases = [
    ['passes the release workflow', RELEASE, 'pass'],
    ['refuses another workflow of the same repository', '.github/workflows/ci.yml', 'fail'],
    ['refuses another case of the file name', '.github/workflows/Release.yml', 'fail'],
    ['refuses a longer file name', '.github/workflows/release.yml.evil.yml', 'fail'],
  ] as const;
  for (const [name, workflow, kind] of cases) {
    it(name, () =>
      assertAnswer(
        buildWorkflow.ask(signedBy({ workflow }), { allow: [RELEASE], builders: [] }),
        kind,
        /^built by \.github/,
      ),
    );
  }

  it('passes an allowed file that calls a reusable workflow elsewhere, and says so', () => {
    const subject = signedBy({ builder: `${REUSABLE}@refs/tags/v1` });
    const answer = buildWorkflow.ask(subject, { allow: [RELEASE], builders: [] });
    assertAnswer(
      answer,
      'pass',
      /reusable workflow .*builders\/\.github\/workflows\/npm\.yml@refs\/tags\/v1, which no builders option pins/,
    );
  });

  it('refuses a certificate without a workflow, and a rule without a pattern', () => {
    assertAnswer(
      buildWorkflow.ask(signedWithout('workflow'), { allow: [RELEASE], builders: [] }),
      'fail',
      /names no workflow/,
    );
    assertAnswer(
      buildWorkflow.ask(having({}), { allow: [], builders: [] }),
      'fail',
      /the policy allows none/,
    );
  });
});

describe('build-workflow, by builders', () => {
  const at = `${REUSABLE}@refs/tags/v1`;
  const cases = [
    ['passes the builder at its ref', at, at, 'pass'],
    ['passes the builder at any ref, when the pattern has none', at, REUSABLE, 'pass'],
    [
      'passes a builder pinned by commit, when the pattern has no ref',
      `${REUSABLE}@${'a'.repeat(40)}`,
      REUSABLE,
      'pass',
    ],
    ['refuses the builder at another ref', `${REUSABLE}@refs/heads/evil`, at, 'fail'],
    [
      'refuses another builder',
      'https://github.com/evil/builders/.github/workflows/npm.yml@refs/tags/v1',
      REUSABLE,
      'fail',
    ],
    [
      'refuses a file whose name goes on after an at-sign',
      `${REUSABLE}@x.yml@refs/heads/evil`,
      REUSABLE,
      'fail',
    ],
  ] as const;
  for (const [name, builder, pattern, kind] of cases) {
    it(name, () => {
      const answer = buildWorkflow.ask(signedBy({ builder }), { allow: [], builders: [pattern] });
      assertAnswer(answer, kind, kind === 'pass' ? /^built by / : /^the builder is /);
    });
  }

  it('must match beside allow: the right builder called from the wrong file is refused', () => {
    const options = { allow: [RELEASE], builders: [REUSABLE] };
    assertAnswer(buildWorkflow.ask(signedBy({ builder: at }), options), 'pass', /release\.yml/);
    assertAnswer(
      buildWorkflow.ask(signedBy({ builder: at, workflow: 'x.yml' }), options),
      'fail',
      /x\.yml; allowed/,
    );
    assertAnswer(buildWorkflow.ask(having({}), options), 'fail', /the builder is/);
  });

  const runners = [
    ['passes a runner id the certificate backs', HOSTED, HOSTED, 'github-hosted', 'pass'],
    ['refuses a runner id the certificate contradicts', HOSTED, HOSTED, 'self-hosted', 'fail'],
    ['refuses a runner id that only starts alike', HOSTED, `${HOSTED}2`, 'github-hosted', 'fail'],
    [
      'refuses the short runner id where the build states the long one',
      HOSTED,
      'https://github.com/actions/runner',
      'github-hosted',
      'fail',
    ],
    [
      'passes the short runner id older statements carry',
      'https://github.com/actions/runner',
      'https://github.com/actions/runner',
      'github-hosted',
      'pass',
    ],
    [
      'refuses a builder only the build itself claims',
      'https://acme.example/builder',
      'https://acme.example/builder',
      'github-hosted',
      'fail',
    ],
  ] as const;
  for (const [name, stated, pattern, runner, kind] of runners) {
    it(name, () => {
      const subject = signedBy({ runner }, { builder: stated });
      assertAnswer(
        buildWorkflow.ask(subject, { allow: [], builders: [pattern] }),
        kind,
        /built by|the builder is/,
      );
    });
  }

  it('refuses a runner id when the certificate names no runner', () =>
    assertAnswer(
      buildWorkflow.ask(signedWithout('runner'), { allow: [], builders: [HOSTED] }),
      'fail',
      /the builder is/,
    ));
});

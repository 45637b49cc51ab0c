import { describe, it } from 'node:test';
import { buildRunner } from '../../lib/checks/build-runner.ts';
import { assertAnswer, signedBy, signedWithout } from './subjects.ts';

describe('build-runner', () => {
  for (const [runner, kind] of [
    ['github-hosted', 'pass'],
    ['gitlab-hosted', 'pass'],
    ['self-hosted', 'fail'],
    ['github-hosted ', 'fail'],
    ['GitHub-hosted', 'fail'],
  ] as const) {
    it(`answers ${kind} for ${JSON.stringify(runner)}`, () =>
      assertAnswer(buildRunner.ask(signedBy({ runner }), {}), kind, /^built on a /));
  }

  it('refuses a certificate from before runners were named', () =>
    assertAnswer(buildRunner.ask(signedWithout('runner'), {}), 'fail', /before May 2023/));
});

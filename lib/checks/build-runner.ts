/** Was it built on a hosted runner? */
import { defineCheck, fail, pass } from './define.ts';
import { askIdentity } from './identity.ts';
import { quoted } from './words.ts';

const HOSTED: ReadonlySet<string> = new Set(['github-hosted', 'gitlab-hosted']);

/** Does the certificate say that a hosted runner ran the build? */
export const buildRunner = defineCheck({
  id: 'build-runner',
  question: 'Was it built on a hosted runner?',
  about:
    'A self-hosted runner keeps state between runs, and whoever owns the machine can alter any build on it. Certificates from before ' +
    'May 2023 do not name the runner, and fail.',
  restsOn: 'proof',
  ask(subject) {
    return askIdentity(subject, ({ identity: { runner } }) => {
      if (runner === undefined) {
        return fail(
          'the certificate does not name the runner, as none did before May 2023',
          'Choose a version built later, or exempt this one with a reason and a date.',
        );
      }
      return HOSTED.has(runner)
        ? pass(`built on a ${runner} runner`)
        : fail(`built on a ${quoted(runner)} runner`, 'Choose a version built on a hosted runner.');
    });
  },
});

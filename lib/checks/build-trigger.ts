/** Was the build started by an allowed event? */
import { matchesGlob } from '../text/pattern.ts';
import { defineCheck, fail, pass } from './define.ts';
import { askIdentity } from './identity.ts';
import { listed, quoted } from './words.ts';

const HINT =
  'Do not install this version unless the project has changed how it releases; then change the policy.';

/** Is the event that started the build allowed, and not denied? */
export const buildTrigger = defineCheck({
  id: 'build-trigger',
  question: 'Was the build started by an allowed event?',
  about:
    'Events such as issue_comment and pull_request_target let strangers start a run in the repository itself. A denied event is ' +
    'refused even where a pattern allows it; with `deny` alone, every other event passes.',
  restsOn: 'proof',
  ask(subject, { allow, deny }) {
    return askIdentity(subject, ({ identity: { trigger } }) => {
      if (allow.length + deny.length === 0) {
        return fail(
          `started by ${quoted(trigger ?? 'an unnamed event')}, and the policy allows none`,
          'Name the event in allow, or those to refuse in deny.',
        );
      }
      if (trigger === undefined) return fail('the certificate names no event that started the build');
      if (deny.some((glob) => matchesGlob(trigger, glob))) {
        return fail(`started by ${quoted(trigger)}, which the policy denies`, HINT);
      }
      return allow.length === 0 || allow.some((glob) => matchesGlob(trigger, glob))
        ? pass(`started by ${quoted(trigger)}`)
        : fail(`started by ${quoted(trigger)}; allowed: ${listed(allow)}`, HINT);
    });
  },
});

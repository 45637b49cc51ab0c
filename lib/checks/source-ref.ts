/** Was it built from an allowed branch or tag? */
import { matchesGlob } from '../text/pattern.ts';
import { defineCheck, fail, pass } from './define.ts';
import { askIdentity } from './identity.ts';
import { filledPattern } from './placeholders.ts';
import { listed, quoted } from './words.ts';

/** Does the certificate's ref match a pattern, with the package's name and version filled in? */
export const sourceRef = defineCheck({
  id: 'source-ref',
  question: 'Was it built from an allowed branch or tag?',
  about:
    'Whoever may push a branch can run a release workflow from it, with valid provenance for the right repository. A release rule ' +
    'names tags after the version; name and version are filled into the pattern literally.',
  restsOn: 'proof',
  ask(subject, { allow }) {
    return askIdentity(subject, ({ identity: { ref } }) => {
      if (allow.length === 0) {
        return fail(
          `built from ${quoted(ref ?? 'an unnamed ref')}, and the policy allows none`,
          'Name the ref in allow.',
        );
      }
      if (ref === undefined) return fail('the certificate names no ref');
      const patterns = allow.flatMap((pattern) => filledPattern(pattern, subject.package.id) ?? []);
      return patterns.some((pattern) => matchesGlob(ref, pattern))
        ? pass(`built from ${quoted(ref)}`)
        : fail(
            `built from ${quoted(ref)}; allowed: ${listed(patterns.length === 0 ? allow : patterns)}`,
            'Do not install this version unless the project releases from there; then change allow.',
          );
    });
  },
});

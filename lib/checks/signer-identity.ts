/** Is the certificate's subject allowed? */
import { matchesGlob } from '../text/pattern.ts';
import { defineCheck, fail, pass } from './define.ts';
import { askIdentity } from './identity.ts';
import { listed, quoted } from './words.ts';

/** Does the certificate's subject (an e-mail address or a URI) match the policy's list? */
export const signerIdentity = defineCheck({
  id: 'signer-identity',
  question: "Is the certificate's subject allowed?",
  about:
    'The subject alternative name is the one name every certificate has: an e-mail address, or the URI of a workflow at a ref. It is ' +
    'compared whole: a workflow without its @ref is another name.',
  restsOn: 'proof',
  ask(subject, { allow }) {
    return askIdentity(subject, ({ identity }) => {
      if (allow.length === 0) {
        return fail(
          `signed by ${quoted(identity.subject)}, and the policy allows nobody`,
          'Name the subject in allow.',
        );
      }
      return allow.some((glob) => matchesGlob(identity.subject, glob))
        ? pass(`signed by ${quoted(identity.subject)}`)
        : fail(
            `signed by ${quoted(identity.subject)}; allowed: ${listed(allow)}`,
            'Do not install this version.',
          );
    });
  },
});

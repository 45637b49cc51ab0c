/** Did an accepted OIDC issuer vouch for the signer? */
import { matchesGlob } from '../text/pattern.ts';
import { defineCheck, fail, pass } from './define.ts';
import { askIdentity } from './identity.ts';
import { listed, quoted } from './words.ts';

/** Does the certificate's issuer match the policy's list? */
export const certificateIssuer = defineCheck({
  id: 'certificate-issuer',
  question: 'Did an accepted OIDC issuer vouch for the signer?',
  about:
    'Every other field of the certificate is a claim of its issuer. A build service and a mail provider can both have somebody ' +
    'called acme, and only one of them means your supplier.',
  restsOn: 'proof',
  ask(subject, { allow }) {
    return askIdentity(subject, ({ identity: { issuer } }) => {
      if (allow.length === 0) {
        return fail(
          `vouched for by ${quoted(issuer)}, and the policy allows none`,
          'Name the issuer in allow.',
        );
      }
      return allow.some((glob) => matchesGlob(issuer, glob))
        ? pass(`vouched for by ${quoted(issuer)}`)
        : fail(`vouched for by ${quoted(issuer)}; allowed: ${listed(allow)}`, 'Do not install this version.');
    });
  },
});

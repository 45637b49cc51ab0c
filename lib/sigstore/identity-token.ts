/** Holds an identity token: its claims can be read, its text leaves only towards the certificate authority. */
import { SigningError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import { type JsonObject, member, partAt, textAt } from './json.ts';

/** A JSON Web Token somebody issued about us. Nothing in it is verified here: the certificate authority does that. */
export type IdentityToken = {
  readonly issuer: string;
  /** What the certificate authority wants signed as proof that we hold the key: the e-mail address, else the subject. */
  readonly challenge: string;
  readonly audience: readonly string[];
  /** Could a certificate with this subject and issuer be the answer to this token? */
  readonly fits: (identity: { readonly subject: string; readonly issuer: string }) => boolean;
  /** The token itself. A function, so that no printing or serializing of this value can show it. */
  readonly reveal: () => string;
  /** Text from a stranger, or nothing when any part of the token is in it, however it is broken into lines. */
  readonly quote: (text: string) => string;
};

/** Parses a token. `source` says where it comes from. Throws `SigningError` `NO_IDENTITY_TOKEN` without quoting any of it. */
export function parseIdentityToken(text: string, source: string): IdentityToken {
  const raw = text.trim();
  const claims = claimsOf(raw);
  const issuer = textAt(claims, 'iss');
  const subject = textAt(claims, 'sub');
  const challenge = verifiedEmail(claims) ?? subject;
  if (claims === undefined || issuer === undefined || challenge === undefined) {
    throw new SigningError('NO_IDENTITY_TOKEN', `What ${source} gave is no identity token.`, {
      hint: 'A JSON Web Token with issuer and subject is wanted, for the audience sigstore.',
    });
  }
  const names = subjectsFor(claims, challenge);
  const issuers = [issuer, textAt(partAt(claims, 'federated_claims'), 'connector_id')];
  return {
    issuer,
    challenge,
    audience: [member(claims, 'aud')].flat().filter((name): name is string => typeof name === 'string'),
    fits: (identity) => issuers.includes(identity.issuer) && names.some((name) => name(identity.subject)),
    reveal: () => raw,
    quote: (words) => (isTelling(words, raw) ? '' : tame(words, 200)),
  };
}

function claimsOf(raw: string): JsonObject | undefined {
  const [header, payload, signature, extra] = raw.split('.');
  const isToken = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(raw) && raw.length < 65_536;
  if (!isToken || header === undefined || payload === undefined || signature === undefined) return undefined;
  if (extra !== undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return partAt({ claims }, 'claims');
  } catch {
    // What the parser says of it would quote it.
    return undefined;
  }
}

/** Fulcio takes the address of a token that has one, provided its issuer verified it (fulcio, docs/oidc.md). */
function verifiedEmail(claims: JsonObject | undefined): string | undefined {
  if (claims === undefined) return undefined;
  const verified = member(claims, 'email_verified');
  return verified === true || verified === 'true' ? textAt(claims, 'email') : undefined;
}

type Matcher = (subject: string) => boolean;

/** The subjects Fulcio derives from the claims of each kind of issuer it knows (fulcio, config/identity/config.yaml). */
function subjectsFor(claims: JsonObject, challenge: string): readonly Matcher[] {
  const subject = textAt(claims, 'sub');
  const gitlab = joined('https://', textAt(claims, 'ci_config_ref_uri'));
  return [
    ...[challenge, subject, gitlab].map((name) => (found: string) => found === name),
    ...pathsFor(claims).map((path) => (found: string) => path !== undefined && isAtAHost(found, path)),
    // A user name with the issuer's domain behind it.
    (found: string) => subject !== undefined && found.startsWith(`${subject}!`),
  ];
}

/** What stands behind the host of an instance. */
function pathsFor(claims: JsonObject): readonly (string | undefined)[] {
  const claim = (name: string): string | undefined => textAt(claims, name);
  const account = partAt(claims, 'kubernetes.io');
  const service = textAt(partAt(account, 'serviceaccount'), 'name');
  const [project, definition] = ['project-id', 'pipeline-definition-id'].map((name) =>
    claim(`oidc.circleci.com/${name}`),
  );
  const codefresh = [claim('account_name'), '/', claim('pipeline_name'), ':', claim('account_id'), '/'];
  return [
    claim('job_workflow_ref'), // GitHub
    joined(claim('organization_slug'), '/', claim('pipeline_slug')), // Buildkite
    joined('api/v2/projects/', project, '/pipeline-definitions/', definition), // CircleCI
    joined(...codefresh, claim('pipeline_id')),
    joined('namespaces/', textAt(account, 'namespace'), '/serviceaccounts/', service),
    claim('sub'), // Chainguard
  ];
}

function joined(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join('');
}

/** The host is the instance's own, and the issuer, which is compared, says which instance that is. */
function isAtAHost(found: string, path: string): boolean {
  const slash = found.indexOf('/', 'https://'.length);
  return found.startsWith('https://') && slash !== -1 && found.slice(slash + 1) === path;
}

const WINDOW = 12;

/** Is any run of twelve characters of the token in the text, whatever stands in between? */
function isTelling(text: string, raw: string): boolean {
  const squeezed = text.replace(/[^\w-]/g, '');
  const plain = raw.replaceAll('.', '');
  const windows = new Set<string>();
  for (let at = 0; at + WINDOW <= plain.length; at++) windows.add(plain.slice(at, at + WINDOW));
  for (let at = 0; at + WINDOW <= squeezed.length; at++) {
    if (windows.has(squeezed.slice(at, at + WINDOW))) return true;
  }
  return false;
}

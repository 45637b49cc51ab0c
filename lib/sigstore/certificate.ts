/** Reads the identity a Sigstore certificate authority wrote into a signing certificate. */
import type { Identity } from '../model/evidence.ts';
import { childrenOf, contentOf, type Element, oid, oidOf, parseDer, TAG } from './der.ts';
import { refuse } from './fault.ts';
import { utf8Of } from './json.ts';
import { authorityOf, type Certificate, hasUsage, OID, purposesOf, USAGE } from './x509.ts';

/** Fulcio's extensions are numbered below this arc (fulcio, docs/oid-info.md). */
const FULCIO = '1.3.6.1.4.1.57264.1';
const fulcio = (number: number): string => oid(`${FULCIO}.${number}`);

/** The deprecated extensions: bare strings. */
const OLD = {
  issuer: fulcio(1),
  trigger: fulcio(2),
  commit: fulcio(3),
  repository: fulcio(5),
  ref: fulcio(6),
} as const;
/** Subject of type `otherName`: a user name. */
const USER_NAME = fulcio(7);
/** The extensions of May 2023: DER strings. */
const NEW = {
  issuer: fulcio(8),
  builder: fulcio(9),
  runner: fulcio(11),
  repository: fulcio(12),
  commit: fulcio(13),
  ref: fulcio(14),
  repositoryId: fulcio(15),
  owner: fulcio(16),
  ownerId: fulcio(17),
  buildConfig: fulcio(18),
  trigger: fulcio(20),
  run: fulcio(21),
  visibility: fulcio(22),
} as const;

/** GitHub's token issuer, with or without an enterprise's name behind it. */
const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';
const GITHUB = 'https://github.com/';

/** Refuses a certificate that is not for signing: an authority's, or one for another purpose (RFC 5280, 4.2.1.3 and 4.2.1.12). */
export function checkSigningUse(certificate: Certificate): void {
  if (authorityOf(certificate).ca) refuse('CERTIFICATE_USAGE', 'the signing certificate is an authority');
  const purposes = purposesOf(certificate);
  if (purposes === undefined || !purposes.includes(OID.codeSigning)) {
    refuse('CERTIFICATE_USAGE', 'the certificate is not for signing code');
  }
  if (!hasUsage(certificate, USAGE.digitalSignature)) {
    refuse('CERTIFICATE_USAGE', "the certificate's key is not for signatures");
  }
}

/**
 * The identity. Where old and new extensions both speak they must agree; the new ones are read first. `issuer` is empty when the certificate
 * names none, as those of authorities other than Fulcio may.
 */
export function identityOf(certificate: Certificate): Identity {
  const read = (id: string): string | undefined => newText(certificate, id);
  const subject = subjectOf(certificate);
  const issuer = agree(oldText(certificate, OLD.issuer), read(NEW.issuer), 'issuer') ?? '';
  const repository = repositoryOf(oldText(certificate, OLD.repository), read(NEW.repository), issuer);
  const ref = agree(oldText(certificate, OLD.ref), read(NEW.ref), 'ref');
  const commit = agree(oldText(certificate, OLD.commit), read(NEW.commit), 'commit');
  // Before there was a build config extension, the subject was the workflow.
  const workflow = workflowOf(read(NEW.buildConfig) ?? subject, repository, ref);
  return withoutGaps({
    issuer,
    subject,
    repository,
    repositoryId: read(NEW.repositoryId),
    owner: read(NEW.owner),
    ownerId: read(NEW.ownerId),
    ref,
    commit: commit?.toLowerCase(),
    workflow,
    builder: read(NEW.builder),
    runner: read(NEW.runner),
    trigger: agree(oldText(certificate, OLD.trigger), read(NEW.trigger), 'trigger'),
    run: read(NEW.run),
    visibility: read(NEW.visibility),
  });
}

type Gapped = { readonly [Name in keyof Identity]: Identity[Name] | undefined };

function withoutGaps(identity: Gapped): Identity {
  const kept: { -readonly [Name in keyof Identity]?: string } = {};
  // Exactly the fields of an Identity stand there.
  for (const name of Object.keys(identity) as (keyof Identity)[]) {
    const value = identity[name];
    if (value !== undefined) kept[name] = value;
  }
  // issuer and subject are always among them; every other field of Identity is optional.
  return kept as Identity;
}

/** The single subject alternative name: a URI, an e-mail address, or Fulcio's user name (RFC 5280, 4.2.1.6). */
function subjectOf(certificate: Certificate): string {
  const extension = certificate.extensions.get(OID.subjectAltName);
  if (extension === undefined) return refuse('CERTIFICATE_IDENTITY', 'the certificate names no subject');
  const [name, second] = childrenOf(parseDer(extension.value), TAG.sequence);
  if (name === undefined || second !== undefined) {
    return refuse('CERTIFICATE_IDENTITY', 'the certificate does not have exactly one subject');
  }
  switch (name.tag) {
    case 0x81: // rfc822Name
    case 0x86: // uniformResourceIdentifier
      return textOf(contentOf(name, name.tag));
    case 0xa0:
      return userNameOf(name);
    default:
      return refuse('CERTIFICATE_IDENTITY', "the certificate's subject is of an unknown kind");
  }
}

function userNameOf(name: Element): string {
  const [id, holder] = childrenOf(name, 0xa0);
  if (id === undefined || holder === undefined || oidOf(id) !== USER_NAME) {
    return refuse('CERTIFICATE_IDENTITY', "the certificate's subject is of an unknown kind");
  }
  const [value] = childrenOf(holder, 0xa0);
  return value === undefined
    ? refuse('CERTIFICATE_IDENTITY', 'the certificate names no subject')
    : textOf(contentOf(value, TAG.utf8));
}

function oldText(certificate: Certificate, id: string): string | undefined {
  const extension = certificate.extensions.get(id);
  return extension === undefined ? undefined : textOf(extension.value);
}

function newText(certificate: Certificate, id: string): string | undefined {
  const extension = certificate.extensions.get(id);
  return extension === undefined ? undefined : textOf(contentOf(parseDer(extension.value), TAG.utf8));
}

function textOf(bytes: Buffer): string {
  if (bytes.length === 0) return refuse('CERTIFICATE_IDENTITY', 'a field of the certificate is empty');
  return utf8Of(bytes) ?? refuse('CERTIFICATE_IDENTITY', 'a field of the certificate is not UTF-8');
}

function agree(old: string | undefined, current: string | undefined, what: string): string | undefined {
  if (old !== undefined && current !== undefined && old !== current) {
    return refuse('CERTIFICATE_IDENTITY', `the certificate names two different values for its ${what}`);
  }
  return current ?? old;
}

/** The old extension holds `owner/name` only; whose host that is, the issuer says. */
function repositoryOf(
  old: string | undefined,
  current: string | undefined,
  issuer: string,
): string | undefined {
  if (current !== undefined) {
    // Behind scheme and host must stand exactly what the old extension says.
    if (old !== undefined && current.replace(/^https:\/\/[^/]+\//, '') !== old) {
      return refuse('CERTIFICATE_IDENTITY', 'the certificate names two different repositories');
    }
    return current;
  }
  return old !== undefined && issuer === GITHUB_ISSUER ? GITHUB + old : undefined;
}

/** The path of the workflow, where its URI lies in the source repository: `<repository>/<path>@<ref>`. */
function workflowOf(
  uri: string,
  repository: string | undefined,
  ref: string | undefined,
): string | undefined {
  if (repository === undefined || !uri.startsWith(`${repository}/`)) return undefined;
  // GitLab separates the path by two slashes.
  const rest = uri.slice(repository.length + 1).replace(/^\//, '');
  const end = ref !== undefined && rest.endsWith(`@${ref}`) ? rest.length - ref.length - 1 : refStart(rest);
  return end > 0 ? rest.slice(0, end) : undefined;
}

/**
 * Where the ref begins when it is not the source's own. Paths and refs may both contain at-signs: cutting at the last place can only
 * make the path longer than it is, never a file named `release.yml@x.yml` look like `release.yml`.
 */
function refStart(rest: string): number {
  const full = rest.lastIndexOf('@refs/');
  return full === -1 ? rest.lastIndexOf('@') : full;
}

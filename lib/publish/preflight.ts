/** Finds before a publish what would fail after it, each with the next step (pure). */
import { repositoryUrlOf } from '../checks/index.ts';
import type { Manifest } from '../model/evidence.ts';
import type { Host } from '../model/host.ts';
import type { Told } from '../model/proof.ts';
import type { Notice } from '../model/report.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import type { PublishManifest } from './manifest.ts';

/** What would go wrong. */
export type FaultCode =
  | 'PRIVATE'
  | 'ALREADY_PUBLISHED'
  | 'REGISTRY_UNKNOWN'
  | 'NO_IDENTITY'
  | 'REPOSITORY_MISSING'
  | 'REPOSITORY_DIFFERS'
  | 'ACCESS'
  | 'NO_PLACE_FOR_PROVENANCE'
  | 'TRUST_ROOT'
  | 'PROVENANCE_SETTING';

/** One thing that would go wrong, and what to do about it. Safe to print. */
export type Fault = { readonly code: FaultCode; readonly message: string; readonly hint: string };

/** Everything the answer rests on. */
export type Circumstances = {
  readonly manifest: PublishManifest;
  readonly env: Host['env'];
  /** Where it goes. */
  readonly registry: { readonly url: string; readonly isNpm: boolean };
  /** What that registry says of this very version. */
  readonly listed: Told<Manifest>;
  /** Does it know any version? Asked only where it matters. */
  readonly isNew: boolean;
  /** `publish`: a bundle goes with the tarball, as npm sends it. `afterwards`: after it. */
  readonly takesProvenance: 'publish' | 'afterwards' | 'never';
  /** This very tarball is there, and nothing attests it yet: only that is left to do. */
  readonly isThereUnattested: boolean;
  /** Somebody will sign; or why not. */
  readonly signer: { readonly kind: 'signer' } | { readonly kind: 'nobody'; readonly because: string };
  /** The policy wants a signature, whatever happens. */
  readonly isRequired: boolean;
  readonly trustsPublicGood: boolean;
  /** As the command line states it, else npm's own settings. */
  readonly access?: string;
  /** Settings of npm's that would have it publish another provenance, by where they stand. */
  readonly settings: readonly string[];
};

/** What would fail, in the order in which it is best mended; empty when nothing would. */
export function faultsIn(of: Circumstances): readonly Fault[] {
  return [
    ...aboutPackage(of),
    ...aboutVersion(of),
    ...aboutIdentity(of),
    ...aboutRepository(of),
    ...aboutRegistry(of),
  ];
}

/** What will not fail here but elsewhere: at consumers who are strict, or who pin tags. */
export function noticesIn(of: Circumstances): readonly Notice[] {
  return [...aboutUnnamedRepository(of), ...aboutRef(of)];
}

function aboutUnnamedRepository({ manifest, env, registry }: Circumstances): readonly Notice[] {
  const built = builtFrom(env);
  if (built === undefined || manifest.repository !== undefined || registry.isNpm) return [];
  const message = `package.json names no repository: consumers whose policy is strict (declared-repository) will refuse ${manifest.id.version}. Add ${repositoryEdit(built)}.`;
  return [{ code: 'NO_REPOSITORY', message }];
}

function aboutRef({ manifest, env }: Circumstances): readonly Notice[] {
  const ref = refOf(env);
  if (ref === undefined) return [];
  const { version } = manifest.id;
  const found = tame(ref, 120);
  if (!ref.startsWith('refs/tags/')) {
    const message = `This build is of ${found}, which is no tag: consumers who allow refs/tags/v\${version} only will refuse ${version}.`;
    return [{ code: 'NOT_A_TAG', message }];
  }
  if (ref.endsWith(version) && !/[\d.]/.test(ref.at(-version.length - 1) ?? '')) return [];
  const message = `This build is of ${found}, and the version is ${version}: consumers who allow refs/tags/v\${version} only will refuse it.`;
  return [{ code: 'OTHER_TAG', message }];
}

function repositoryEdit(built: string): string {
  return `"repository": { "type": "git", "url": "git+${tame(built, 200)}.git" }`;
}

function aboutPackage({ manifest, access, isNew, registry }: Circumstances): readonly Fault[] {
  const faults: Fault[] = [];
  if (manifest.isPrivate) {
    const message = 'package.json says "private": true, which no manager publishes.';
    faults.push({ code: 'PRIVATE', message, hint: 'Remove "private" from package.json.' });
  }
  const isScoped = manifest.id.name.startsWith('@');
  const stated = access ?? manifest.access;
  if (registry.isNpm && isScoped && isNew && stated !== 'public') {
    const message = `${specOf(manifest.id)} is new and scoped: npm publishes it as private, and takes no provenance for private packages.`;
    const hint = 'Add "publishConfig": { "access": "public" } to package.json, or --access=public.';
    faults.push({ code: 'ACCESS', message, hint });
  }
  return faults;
}

function aboutVersion({ listed, manifest, registry, isThereUnattested }: Circumstances): readonly Fault[] {
  const spec = specOf(manifest.id);
  const where = tame(registry.url, 120);
  switch (listed.status) {
    case 'told': {
      if (isThereUnattested) return [];
      const hint = 'Raise the version: npm version patch.';
      return [{ code: 'ALREADY_PUBLISHED', message: `${where} has ${spec} already.`, hint }];
    }
    case 'unavailable': {
      const hint = 'Check the network, and who is logged in: npm whoami.';
      const message = `${where} does not say whether it has ${spec}: ${listed.reason}`;
      return [{ code: 'REGISTRY_UNKNOWN', message, hint }];
    }
    case 'absent':
    case 'notApplicable':
      return [];
  }
}

function aboutIdentity({ signer, isRequired }: Circumstances): readonly Fault[] {
  if (signer.kind === 'signer' || !isRequired) return [];
  const hint =
    'Publish from a CI with OIDC tokens, set SIGSTORE_ID_TOKEN, or say sign.identity: interactive in the policy. Unsigned: npm publish.';
  return [{ code: 'NO_IDENTITY', message: `Nobody would sign: ${signer.because}.`, hint }];
}

/** npm's registry compares the two, and so does the check `declared-repository` of every consumer. */
function aboutRepository({ manifest, env, registry }: Circumstances): readonly Fault[] {
  const built = builtFrom(env);
  if (built === undefined) return [];
  const url = tame(built, 200);
  const edit = repositoryEdit(built);
  if (manifest.repository === undefined) {
    if (!registry.isNpm) return [];
    const message = `package.json names no repository, and npm wants it to name ${url}.`;
    return [{ code: 'REPOSITORY_MISSING', message, hint: `Add ${edit} to package.json.` }];
  }
  const declared = repositoryUrlOf(manifest.repository);
  if (declared !== undefined && declared.toLowerCase() === built.toLowerCase()) return [];
  const message = `package.json names the repository ${tame(manifest.repository, 200)}, and this build is of ${url}.`;
  return [{ code: 'REPOSITORY_DIFFERS', message, hint: `Write ${edit} into package.json.` }];
}

function aboutRegistry(of: Circumstances): readonly Fault[] {
  const { registry, takesProvenance, signer, settings, isRequired } = of;
  const where = tame(registry.url, 120);
  const faults: Fault[] = [];
  if (signer.kind === 'signer' && takesProvenance === 'never' && isRequired) {
    const message = `${where} does not take provenance.`;
    const hint = "Give it npmsign's plugin (npmsign/verdaccio), or say sign.required: false in the policy.";
    faults.push({ code: 'NO_PLACE_FOR_PROVENANCE', message, hint });
  }
  if (registry.isNpm && !of.trustsPublicGood) {
    const message = `${where} takes provenance of the public Sigstore only, and the policy trusts another (trust.root).`;
    faults.push({ code: 'TRUST_ROOT', message, hint: 'Remove trust.root from the policy of this package.' });
  }
  if (settings.length > 0 && takesProvenance !== 'publish') {
    const message = `npm would look for a provenance of its own: ${settings.join(', ')}.`;
    const hint = 'Remove it for this registry: npmsign hands the provenance over itself.';
    faults.push({ code: 'PROVENANCE_SETTING', message, hint });
  }
  return faults;
}

/** The repository a build in CI is of: what the certificate will say. */
function builtFrom(env: Host['env']): string | undefined {
  const github = env['GITHUB_REPOSITORY'];
  if (env['GITHUB_ACTIONS'] === 'true' && github) {
    return `${env['GITHUB_SERVER_URL'] ?? 'https://github.com'}/${github}`;
  }
  return env['GITLAB_CI'] === 'true' ? env['CI_PROJECT_URL'] : undefined;
}

function refOf(env: Host['env']): string | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return env['GITHUB_REF'];
  if (env['GITLAB_CI'] !== 'true') return undefined;
  const { CI_COMMIT_TAG: tag, CI_COMMIT_REF_NAME: name } = env;
  return tag ? `refs/tags/${tag}` : `refs/heads/${name ?? ''}`;
}

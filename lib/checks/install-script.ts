/** Does the package run code at install without having been reviewed? */
import type { Manifest } from '../model/evidence.ts';
import type { Told } from '../model/proof.ts';
import type { Answer } from '../model/report.ts';
import { specOf } from '../text/package-id.ts';
import { defineCheck, fail, pass, type Subject, skip, unknown } from './define.ts';
import { reviewOf } from './script-review.ts';
import { isOwnCode, listed, ownCodeReason } from './words.ts';

/** Does it run scripts at install, and if so, did somebody allow them? */
export const installScript = defineCheck({
  id: 'install-script',
  question: 'Does it run code at install (scripts, or an implicit binding.gyp) without being allowed?',
  about:
    'Install scripts are how stolen tokens become worms: they run before anybody looks. Lockfile and registry are both believed ' +
    "when they say yes. The policy's `allow` and the reviews of the project's package manager count, and a denial beats both. " +
    'A git dependency may run its prepare script. Outside a registry a name is whatever its author likes: such a package ' +
    'is allowed by the very place it comes from, and one bundled in another tarball only by an exemption.',
  restsOn: 'tree + told',
  ask(subject, { allow }) {
    const { source } = subject.package;
    if (isOwnCode(source)) return skip(ownCodeReason(source));
    const scripts = scriptsOf(subject);
    switch (scripts.kind) {
      case 'none':
        return pass(scripts.because);
      case 'unknown':
        return unknown(scripts.because);
      case 'missing':
        return fail(scripts.because);
      case 'some':
        return reviewed(subject, allow, scripts.what);
    }
  },
});

type Scripts =
  | { readonly kind: 'some'; readonly what: string }
  | { readonly kind: 'none' | 'unknown' | 'missing'; readonly because: string };

function scriptsOf({ package: { source, hasInstallScript }, evidence: { manifest } }: Subject): Scripts {
  const names = manifest.status === 'told' ? manifest.value.installScripts : [];
  if (names.length > 0) return { kind: 'some', what: `runs ${listed(names)} at install` };
  if (hasInstallScript === true) return { kind: 'some', what: 'runs a script at install' };
  if (source.kind === 'git') return { kind: 'some', what: 'a git dependency may run its prepare script' };
  return source.kind === 'registry' ? registryScripts(manifest) : lockfileScripts(hasInstallScript);
}

function registryScripts(manifest: Told<Manifest>): Scripts {
  switch (manifest.status) {
    case 'told':
      return { kind: 'none', because: 'runs nothing at install' };
    case 'absent':
      return { kind: 'missing', because: manifest.reason ?? 'the registry has no such version' };
    // The lockfile's "none" alone does not count: it cannot know of a binding.gyp.
    case 'unavailable':
    case 'notApplicable':
      return { kind: 'unknown', because: manifest.reason };
  }
}

function lockfileScripts(hasInstallScript: boolean | undefined): Scripts {
  return hasInstallScript === false
    ? { kind: 'none', because: 'runs nothing at install, by the word of the lockfile' }
    : { kind: 'unknown', because: 'neither lockfile nor registry says whether it runs code at install' };
}

function reviewed(
  { package: pkg, allowances, lock }: Subject,
  allow: readonly string[],
  what: string,
): Answer {
  const review = reviewOf(pkg, allow, allowances);
  const change = lock.entry?.installScript === false ? '; it ran nothing when its signer was locked' : '';
  switch (review.kind) {
    case 'allowed':
      return pass(`${what}, allowed by ${review.by}`);
    case 'denied':
      return fail(`${what}, denied by ${review.by}${change}`, 'Use a version without install scripts.');
    case 'none':
      return fail(`${what}, and nobody has reviewed it${change}`, hintFor(pkg));
  }
}

function hintFor({ id, source }: Subject['package']): string {
  switch (source.kind) {
    case 'registry':
      return `Read the script; then allow ${specOf(id)} under install-script in the policy, or in your package manager's own review.`;
    case 'bundled':
      return 'Read the script; then exempt the package with a reason and a date.';
    case 'git':
    case 'remote':
    case 'file':
    case 'workspace':
    case 'link':
      return 'Read the script; then allow the exact place it comes from, as in the lockfile, under install-script in the policy.';
  }
}

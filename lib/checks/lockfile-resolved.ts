/** Does the lockfile take the tarball from where the registry lists it? */
import type { Manifest } from '../model/evidence.ts';
import type { Told } from '../model/proof.ts';
import type { Answer } from '../model/report.ts';
import { matchesGlob } from '../text/pattern.ts';
import { defineCheck, fail, pass, skip, unknown } from './define.ts';
import { sameTarball, type TarballUrl, tarballUrlOf } from './tarball-url.ts';
import { bundledReason, isOwnCode, kindWords, ownCodeReason, quoted } from './words.ts';

const RELOCK = 'Remove the entry from the lockfile and install again, or name the host in hosts.';

/** Is `resolved` a URL the registry lists for this very version, over https? */
export const lockfileResolved = defineCheck({
  id: 'lockfile-resolved',
  question: 'Is the tarball URL the one the registry lists, over https, on an allowed host?',
  about:
    'Whoever edits `resolved` and `integrity` of one entry installs another tarball under a trusted name, and the manager still ' +
    'shows the old name. The URL must be one the registry lists for this version, or the same path on a host the policy names. ' +
    'Plain http is accepted on loopback only. An entry without a URL passes: the manager then takes the one the registry lists.',
  restsOn: 'tree + told',
  ask({ package: { source }, evidence: { manifest } }, { hosts }) {
    if (isOwnCode(source)) return skip(ownCodeReason(source));
    switch (source.kind) {
      case 'bundled':
        return skip(bundledReason(source.inside));
      case 'git':
      case 'file':
        return skip(
          `${kindWords(source.kind)} has no tarball URL; package-source decides whether it may be used`,
        );
      case 'remote':
        return askUrl(source.resolved, (url) => remoteAnswer(url, hosts));
      case 'registry':
        return source.resolved === undefined
          ? pass('the lockfile states no URL, so the manager takes the one the registry lists')
          : askUrl(source.resolved, (url) => listedAnswer(url, manifest, hosts));
      case 'workspace':
      case 'link':
        return skip(ownCodeReason(source));
    }
  },
});

function askUrl(resolved: string, answer: (url: TarballUrl) => Answer): Answer {
  const url = tarballUrlOf(resolved);
  if (url === undefined) return fail(`not an http or https URL: ${quoted(resolved)}`, RELOCK);
  if (!url.secure && !url.loopback) return fail(`not over https: ${quoted(resolved)}`, RELOCK);
  if (url.credentials) {
    return fail(
      `the URL carries credentials: ${quoted(resolved)}`,
      'Put credentials into .npmrc and lock again.',
    );
  }
  return answer(url);
}

function remoteAnswer(url: TarballUrl, hosts: readonly string[]): Answer {
  return isAllowedHost(url, hosts)
    ? pass(`from ${quoted(url.host)}, which the policy allows`)
    : fail(`from ${quoted(url.host)}, which is no registry in use and not an allowed host`, RELOCK);
}

function listedAnswer(url: TarballUrl, manifest: Told<Manifest>, hosts: readonly string[]): Answer {
  switch (manifest.status) {
    case 'unavailable':
      return unknown(manifest.reason);
    case 'notApplicable':
      return unknown(manifest.reason);
    case 'absent':
      return fail(manifest.reason ?? 'the registry has no such version', RELOCK);
    case 'told':
      return comparedWith(url, manifest.value.tarballs, hosts);
  }
}

function comparedWith(url: TarballUrl, tarballs: readonly string[], hosts: readonly string[]): Answer {
  const listed = tarballs.flatMap((text) => tarballUrlOf(text) ?? []);
  if (listed.some((tarball) => sameTarball(tarball, url))) return pass('the URL the registry lists');
  const samePath = listed.some(({ path }) => path === url.path);
  if (samePath && isAllowedHost(url, hosts)) {
    return pass(`the path the registry lists, on ${quoted(url.host)}, which the policy allows`);
  }
  const found = quoted(`${url.protocol}//${url.host}${url.path}`);
  const wanted = tarballs[0] === undefined ? 'no tarball at all' : quoted(tarballs[0]);
  return samePath
    ? fail(`from ${quoted(url.host)}, which is no registry in use and not an allowed host`, otherName(url))
    : fail(`the lockfile names another tarball: ${found}; the registry lists ${wanted}`, RELOCK);
}

/** yarn 1 writes another name of the public registry into its lockfiles, unless it is told of one. */
function otherName({ host }: TarballUrl): string {
  // A host can be `*`, or hold quotes: what a lockfile says is not to be copied into a policy as a pattern.
  if (!PLAIN_HOST.test(host)) return RELOCK;
  return `Remove the entry from the lockfile and install again. Or, where that host is another name of the registry: "lockfile-resolved": ["error", { "hosts": ["${host}"] }].`;
}

const PLAIN_HOST = /^[a-z\d.-]{1,200}(?::\d+)?$/;

function isAllowedHost({ host }: TarballUrl, hosts: readonly string[]): boolean {
  return hosts.some((glob) => matchesGlob(host, glob.toLowerCase()));
}

/** Collects from a project's own files which install scripts it has reviewed. */
import type { Allowances } from '../model/package.ts';
import { splitSpec } from '../text/package-id.ts';
import { isFields } from './npm-entry.ts';
import { isNpmName } from './npm-place.ts';

/** What the files hold; absent where there is no such file. */
export type AllowanceFiles = {
  /** package.json, parsed. */
  readonly manifest: unknown;
  readonly npmrc: string | undefined;
  /** pnpm-workspace.yaml, parsed. */
  readonly pnpmWorkspace: unknown;
};

type Review = { readonly spec: string; readonly allows: boolean; readonly from: string };

const EXACT_VERSION = /^\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?$/;

/** Reviews by name or exact versions. Ranges, tags, globs, addresses and anything malformed are left out, so they allow nothing. */
export function allowancesOf({ manifest, npmrc, pnpmWorkspace }: AllowanceFiles): Allowances {
  const pkg = isFields(manifest) ? manifest : {};
  const pnpm = isFields(pkg['pnpm']) ? pkg['pnpm'] : {};
  const lavamoat = isFields(pkg['lavamoat']) ? pkg['lavamoat'] : {};
  // One that cannot be read allows nothing; pnpm itself will say what is wrong with it.
  const workspace = isFields(pnpmWorkspace) ? pnpmWorkspace : {};
  const reviews = [
    ...npmReviews(pkg['allowScripts'], npmrc),
    ...pnpmReviews(pnpm, 'package.json#pnpm'),
    ...pnpmReviews(workspace, 'pnpm-workspace.yaml'),
    ...listed(pkg['trustedDependencies'], true, 'package.json#trustedDependencies'),
    ...switched(lavamoat['allowScripts'], 'package.json#lavamoat.allowScripts'),
  ];
  const of = (allows: boolean) =>
    reviews.filter((review) => review.allows === allows).map(({ spec, from }) => ({ spec, from }));
  return { allowed: of(true), denied: of(false) };
}

/** npm ignores .npmrc altogether when package.json has an entry. */
function npmReviews(allowScripts: unknown, npmrc: string | undefined): readonly Review[] {
  if (isFields(allowScripts) && Object.keys(allowScripts).length > 0) {
    return switched(allowScripts, 'package.json#allowScripts');
  }
  return listed(npmrcList(npmrc ?? ''), true, '.npmrc');
}

/** `allow-scripts=a,b` and `allow-scripts[]=a`, as far as the file's first section. */
function npmrcList(npmrc: string): readonly string[] {
  const specs: string[] = [];
  for (const line of npmrc.split(/\r?\n/)) {
    if (/^\s*\[/.test(line)) break;
    const value = /^\s*allow-scripts(?:\[\])?\s*=(.*)$/.exec(line)?.[1];
    // What the environment fills in was not reviewed by the project.
    if (value === undefined || value.includes('${')) continue;
    const list = value
      .replace(/[;#].*$/, '')
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2');
    specs.push(...list.split(',').map((spec) => spec.trim()));
  }
  return specs;
}

function pnpmReviews(settings: Readonly<Record<string, unknown>>, from: string): readonly Review[] {
  return [
    ...listed(settings['onlyBuiltDependencies'], true, `${from}.onlyBuiltDependencies`),
    ...listed(settings['neverBuiltDependencies'], false, `${from}.neverBuiltDependencies`),
    ...listed(settings['ignoredBuiltDependencies'], false, `${from}.ignoredBuiltDependencies`),
    ...switched(settings['allowBuilds'], `${from}.allowBuilds`),
  ];
}

function listed(list: unknown, allows: boolean, from: string): readonly Review[] {
  if (!Array.isArray(list)) return [];
  return list
    .flatMap((spec) => (typeof spec === 'string' ? exact(spec) : []))
    .map((spec) => ({ spec, allows, from }));
}

function switched(switches: unknown, from: string): readonly Review[] {
  if (!isFields(switches)) return [];
  return Object.entries(switches).flatMap(([spec, allows]) =>
    typeof allows === 'boolean' ? exact(spec).map((one) => ({ spec: one, allows, from })) : [],
  );
}

/** `name`, `name@*` and `name@1.0.0 || 2.0.0` as single specs; nothing when any part of it is not exact. */
function exact(spec: string): readonly string[] {
  const { name, range } = splitSpec(spec);
  if (!isNpmName(name)) return [];
  if (range === undefined || range === '' || range === '*') return [name];
  const versions = range.split('||').map((version) => version.trim());
  return versions.every((version) => EXACT_VERSION.test(version))
    ? versions.map((version) => `${name}@${version}`)
    : [];
}

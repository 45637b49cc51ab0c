/** pnpm lockfiles for tests: one ordinary package, and what a test adds or changes. */
import { pnpm } from '../../lib/tree/pnpm.ts';
import type { ParsedPackage } from '../../lib/tree/reader.ts';
import { anIntegrity } from '../support/builders.ts';

/** A resolution as pnpm writes it for a registry's package. */
export const RESOLUTION = `resolution: {integrity: ${anIntegrity('lib').text}}`;

/** The parts of a lockfile, each as YAML lines without indentation of their own. */
export type PnpmParts = {
  /** Dependencies of the project: `name: [specifier, version]`. */
  readonly wants?: Readonly<Record<string, readonly [specifier: string, version: string]>>;
  /** Entries of `packages`: the key as written, and its fields. */
  readonly packages?: Readonly<Record<string, readonly string[]>>;
  /** Entries of `snapshots`; by default one for each package, empty. */
  readonly snapshots?: Readonly<Record<string, readonly string[]>>;
  /** Further lines at the top. */
  readonly top?: readonly string[];
  /** Further importers, as lines. */
  readonly importers?: readonly string[];
};

/** The text of a lockfile, version 9.0. The project depends on `lib` 1.0.0 unless said otherwise. */
export function pnpmText(parts: PnpmParts = {}): string {
  const {
    wants = { lib: ['^1.0.0', '1.0.0'] },
    packages = { 'lib@1.0.0': [RESOLUTION] },
    top = [],
    importers = [],
  } = parts;
  const { snapshots = Object.fromEntries(Object.keys(packages).map((key) => [key, []])) } = parts;
  return [
    "lockfileVersion: '9.0'",
    ...top,
    'importers:',
    '  .:',
    section('    dependencies', wants),
    ...Object.entries(wants).flatMap(([name, [specifier, version]]) => [
      `      ${quoted(name)}:`,
      `        specifier: ${quoted(specifier)}`,
      `        version: ${quoted(version)}`,
    ]),
    ...importers.map((line) => `  ${line}`),
    section('packages', packages),
    ...entries(packages),
    section('snapshots', snapshots),
    ...entries(snapshots),
    '',
  ].join('\n');
}

/** Parses a lockfile's text; packages by key. */
export function parsedPnpm(text: string): ReadonlyMap<string, ParsedPackage> {
  const packages = pnpm.parse({ text, file: 'pnpm-lock.yaml', manifest: undefined });
  return new Map(packages.map((pkg) => [pkg.key, pkg]));
}

function section(name: string, of: object): string {
  return Object.keys(of).length === 0 ? `${name}: {}` : `${name}:`;
}

function entries(parts: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return Object.entries(parts).flatMap(([key, fields]) =>
    fields.length === 0
      ? [`  ${quoted(key)}: {}`]
      : [`  ${quoted(key)}:`, ...fields.map((field) => `    ${field}`)],
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

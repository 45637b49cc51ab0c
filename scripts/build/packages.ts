/** Tells which packages a bundle was made of. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package whose code is in a bundle. */
export type BundledPackage = {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as its package.json states it. */
  readonly license: string;
  readonly homepage?: string;
  /** Whole texts of its licence and notice files, in order of their names. */
  readonly texts: readonly string[];
};

/** The packages with at least one byte in the outputs, sorted by name and version, each once. Throws when one states no licence. */
export function bundledPackages(root: string, metafiles: readonly Metafile[]): readonly BundledPackage[] {
  const directories = new Set(
    metafiles.flatMap(filesWithin).flatMap((file) => {
      const directory = packageDirectory(file);
      return directory === undefined ? [] : [join(root, directory)];
    }),
  );
  const packages = [...directories].map(readPackage);
  const once = new Map(packages.map((found) => [`${found.name}@${found.version}`, found]));
  return [...once.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
}

function filesWithin({ outputs }: Metafile): readonly string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
}

/** `…/node_modules/@scope/name` of a file below it. */
function packageDirectory(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.replaceAll('\\', '/'))?.[0];
}

function readPackage(directory: string): BundledPackage {
  const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const { name, version, license, homepage } = Object(manifest) as Record<string, unknown>; // Any object has string keys.
  if (typeof name !== 'string' || typeof version !== 'string' || typeof license !== 'string') {
    throw new Error(`${dirname(directory)} holds a package without name, version or licence: ${directory}.`);
  }
  const texts = readdirSync(directory)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(directory, file), 'utf8').replaceAll('\r\n', '\n').trim());
  return { name, version, license, texts, ...(typeof homepage === 'string' ? { homepage } : {}) };
}

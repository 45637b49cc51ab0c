/** Builds what is published: bundles, type declarations, JSON Schema, bill of materials, licences. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Metafile } from 'esbuild';
import { policySchema } from '../lib/index.ts';
import {
  type BundleRequest,
  bundleGate,
  bundleLibrary,
  bundlePostpack,
  bundleProver,
  bundleVerdaccioPlugin,
} from './build/bundle.ts';
import { licencesText } from './build/licences.ts';
import { bundledPackages } from './build/packages.ts';
import { sbomText } from './build/sbom.ts';
import { writeTypes } from './build/types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds into a directory, which is emptied first. Throws when anything would be left to resolve at run time. */
export async function buildInto(outDirectory: string): Promise<void> {
  const { name, version, license } = manifest();
  const request: BundleRequest = { root, version, outDirectory };
  rmSync(outDirectory, { recursive: true, force: true });
  mkdirSync(outDirectory, { recursive: true });
  const metafiles = await Promise.all([
    bundleLibrary(request),
    bundlePostpack(request),
    bundleProver(request),
    bundleGate(request),
    buildVerdaccioPlugin(request),
  ]);
  const packages = bundledPackages(root, metafiles);
  writeFileSync(join(outDirectory, 'sbom.cdx.json'), `${sbomText({ name, version, license }, packages)}\n`);
  writeFileSync(join(outDirectory, 'THIRD-PARTY-LICENSES.txt'), licencesText(packages));
  writeFileSync(join(outDirectory, 'schema.json'), `${JSON.stringify(policySchema(), null, 2)}\n`);
  writeTypes(root, join(outDirectory, 'types'));
}

/** Builds the gate alone, as one file in a directory, and resolves to its path. */
export async function buildGateInto(outDirectory: string): Promise<string> {
  await bundleGate({ root, version: manifest().version, outDirectory });
  return join(outDirectory, 'gate.mjs');
}

/** Builds the command and the library alone, and resolves to the path of the executable. */
export async function buildCommandInto(outDirectory: string): Promise<string> {
  const request = { root, version: manifest().version, outDirectory };
  await Promise.all([bundleLibrary(request), bundlePostpack(request), bundleProver(request)]);
  return join(outDirectory, 'bin.mjs');
}

/** Builds the plugin for Verdaccio alone, and resolves to the folder in which Verdaccio finds it. */
export async function buildVerdaccioPluginInto(outDirectory: string): Promise<string> {
  await buildVerdaccioPlugin({ root, version: manifest().version, outDirectory });
  return outDirectory;
}

/** Verdaccio looks in its plugin folder for `verdaccio-` and the name of the section in its configuration. */
async function buildVerdaccioPlugin(request: BundleRequest): Promise<Metafile> {
  const folder = join(request.outDirectory, 'verdaccio-npmsign');
  mkdirSync(folder, { recursive: true });
  const pointer = { name: 'verdaccio-npmsign', private: true, main: '../verdaccio.cjs' };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(pointer, null, 2)}\n`);
  return bundleVerdaccioPlugin(request);
}

function manifest(): { readonly name: string; readonly version: string; readonly license: string } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')); // Our own file, and its fields are required by npm.
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildInto(join(root, 'dist'));

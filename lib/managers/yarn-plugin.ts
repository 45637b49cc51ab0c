/** The plugin with which yarn 2 and later resolve without fetching: they would fetch each new package to write a checksum of it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The plugin as a file, in a folder only this user can write. */
export type PluginFile = { readonly file: string; readonly remove: () => Promise<void> };

/** Writes the plugin. */
export async function writeYarnPlugin(): Promise<PluginFile> {
  const dir = await mkdtemp(path.join(tmpdir(), 'npmsign-yarn-'));
  const file = path.join(dir, 'resolve-only.cjs');
  await writeFile(file, PLUGIN);
  return { file, remove: () => rm(dir, { recursive: true, force: true }) };
}

// The checksums that are missing are written by the install that follows: an immutable install only compares what resolution decides.
// A package from git or of a URL can only be resolved by fetching it, and one from git by running its scripts: yarn is kept from both.
const PLUGIN = `module.exports = {
  name: '@npmsign/plugin-resolve-only',
  factory(require) {
    const { Configuration, Project } = require('@yarnpkg/core');
    const makeFetcher = Configuration.prototype.makeFetcher;
    const near = ['workspace:', 'link:', 'portal:', 'file:', 'patch:', 'virtual:'];
    Configuration.prototype.makeFetcher = function () {
      const fetcher = makeFetcher.call(this);
      return {
        supports: (locator, options) => fetcher.supports(locator, options),
        getLocalPath: (locator, options) => fetcher.getLocalPath(locator, options),
        async fetch(locator, options) {
          if (near.some((protocol) => locator.reference.startsWith(protocol))) return fetcher.fetch(locator, options);
          throw new Error('npmsign: yarn would have to fetch this package before it can be judged');
        },
      };
    };
    Project.prototype.fetchEverything = async () => {};
    Project.prototype.persistInstallStateFile = async () => {};
    return { default: {} };
  },
};
`;

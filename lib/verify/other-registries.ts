/** Tells of registries that only another manager's settings name: npmsign goes by npm's configuration, and would ask elsewhere. */
import { join } from 'node:path';
import type { Sources } from '../evidence/index.ts';
import type { Tree } from '../model/package.ts';
import type { Notice } from '../model/report.ts';
import { readSmallFile } from '../state/index.ts';
import { tame } from '../text/sanitize.ts';

type Settings = { readonly file: string; readonly line: RegExp };

/** Where managers other than npm name registries, and the lines that do. */
const SETTINGS: Readonly<Record<string, Settings>> = {
  'yarn-berry': { file: '.yarnrc.yml', line: /^\s*["']?npmRegistryServer["']?\s*:.*$/gm },
  'yarn-classic': { file: '.yarnrc', line: /^\s*"?(?:@[^\s:]+:)?registry"?\s.*$/gm },
  pnpm: { file: 'pnpm-workspace.yaml', line: /^\s*["']?(?:registry|default|@[\w.-]+)["']?\s*:.*$/gm },
  bun: { file: 'bunfig.toml', line: /^\s*(?:registry|url|"?@?[\w.-]+"?)\s*=.*$/gm },
};

/** One notice, where such a registry is neither in npm's configuration nor the public one. */
export function otherRegistries(
  { lockfile }: Tree,
  { project, registry }: { readonly project: string; readonly registry: Sources['registry'] },
): readonly Notice[] {
  const settings = Object.hasOwn(SETTINGS, lockfile.format) ? SETTINGS[lockfile.format] : undefined;
  if (settings === undefined) return [];
  const text = textOf(join(project, settings.file));
  const named = hostsIn((text.match(settings.line) ?? []).join('\n'));
  if (named.length === 0) return [];
  const known = hostsIn(registry.configFiles.map(textOf).join('\n'));
  const other = named.filter(
    (host) => !known.includes(host) && !registry.destinationOf('any', `https://${host}/`).isNpm,
  );
  if (other.length === 0) return [];
  const message =
    `${settings.file} names ${other.map((host) => tame(host, 100)).join(', ')}, and no .npmrc does: npmsign reads registries from .npmrc ` +
    'alone, and asked others about these packages. Name them there too';
  return [{ code: 'REGISTRY_NOT_ASKED', message }];
}

function hostsIn(text: string): readonly string[] {
  const found = [...text.matchAll(/(?:https?:)?\/\/([\w.-]+(?::\d+)?)/g)].map(([, host = '']) =>
    host.toLowerCase(),
  );
  return [...new Set(found)];
}

const LARGEST = 4 * 1024 * 1024;

/** What is not there, is no file, or cannot be read, names nothing. */
function textOf(file: string): string {
  const read = readSmallFile(file, LARGEST);
  return read.status === 'told' ? read.value.toString() : '';
}

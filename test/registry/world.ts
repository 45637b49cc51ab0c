/** A project with an `.npmrc`, a home of its own, and packages that ask for nothing but what a test is about. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../../lib/model/host.ts';
import type { ResolvedPackage } from '../../lib/model/package.ts';
import { createRegistry, type Registry, type RegistryOptions } from '../../lib/registry/index.ts';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { aPackage } from '../support/builders.ts';
import { aHost } from '../support/host.ts';
import type { Published } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';

/** Retries at once, gives up soon: what a test has time for. */
const IMPATIENT = ['fetch-retry-mintimeout=1', 'fetch-timeout=400'];

/** A host whose project has these lines in its `.npmrc`. Nothing of the machine's own configuration is seen. */
export function aProject(npmrc: readonly string[], overrides: Partial<Host> = {}): Host {
  const root = aTempDirectory('registry');
  const [home, cwd] = [path.join(root, 'home'), path.join(root, 'project')];
  for (const folder of [home, cwd]) mkdirSync(folder);
  writeFileSync(path.join(cwd, 'package.json'), '{}');
  writeFileSync(path.join(cwd, '.npmrc'), [...IMPATIENT, ...npmrc].join('\n'));
  const env = { HOME: home, PREFIX: root, LOCALAPPDATA: path.join(home, 'local'), ...overrides.env };
  return aHost({ cwd, ...overrides, env });
}

/** Opens registries for one question and closes them afterwards. */
export async function asking<T>(
  host: Host,
  ask: (registry: Registry) => Promise<T>,
  options: Partial<RegistryOptions> = {},
): Promise<T> {
  const registry = await createRegistry(host, {
    registries: [],
    offline: false,
    preferOffline: false,
    concurrency: 8,
    ...options,
  });
  try {
    return await ask(registry);
  } finally {
    await registry.close();
  }
}

/** The lockfile entry of something published. */
export function lockedAs(published: Published): ResolvedPackage {
  const { name, version, manifest } = published;
  const { tarball, integrity = '' } = manifest.dist;
  const parsed = parseIntegrity(integrity);
  return aPackage({
    id: { name, version },
    source: { kind: 'registry', resolved: tarball },
    ...(parsed === undefined ? {} : { integrity: parsed }),
  });
}

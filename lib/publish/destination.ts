/** Opens the one registry a package is published to, whichever settings would say otherwise. */
import type { Host } from '../model/host.ts';
import type { Policy } from '../model/policy.ts';
import { registryOptions } from '../opening/index.ts';
import { createRegistry, type Registry, type RegistrySource } from '../registry/index.ts';

/** A registry, and a client that asks no other about packages of this name. Close it. */
export type Destination = { readonly source: RegistrySource; readonly registry: Registry };

/** Where a package goes: the registry that is asked for, else the one `stated` in its package.json, else npm's for its name. */
export async function openDestination(
  host: Host,
  policy: Policy,
  about: { readonly name: string; readonly asked?: string; readonly stated?: string },
): Promise<Destination> {
  const { name, asked } = about;
  const first = await createRegistry(host, registryOptions(policy, {}));
  const { url } = first.destinationOf(name, asked ?? about.stated);
  await first.close();
  const env = { ...host.env, ...settingsFor(name, url) };
  const registry = await createRegistry({ ...host, env }, registryOptions(policy, { registry: url }));
  return { source: registry.destinationOf(name, url), registry };
}

/** The arguments that make npm publish there, and nowhere else. */
export function destinationFlags(name: string, url: string): readonly string[] {
  const scope = scopeOf(name);
  return scope === undefined ? [`--registry=${url}`] : [`--registry=${url}`, `--${scope}:registry=${url}`];
}

function settingsFor(name: string, url: string): Readonly<Record<string, string>> {
  const scope = scopeOf(name);
  return scope === undefined ? {} : { [`npm_config_${scope}:registry`]: url };
}

function scopeOf(name: string): string | undefined {
  return name.startsWith('@') ? name.slice(0, name.indexOf('/')) : undefined;
}

/** The public npm registry's URL, taken from npm's own defaults. */
import { createRequire } from 'node:module';

/** The public npm registry, as a URL ending in a slash. Nothing in the tests ever connects to it. */
export function publicRegistry(): string {
  const require = createRequire(import.meta.url);
  const loaded: unknown = require('@npmcli/config/lib/definitions');
  // The package has no types. This is the shape npm itself relies on: definitions.registry.default.
  const { definitions } = loaded as {
    readonly definitions: { readonly registry: { readonly default: string } };
  };
  return definitions.registry.default;
}

/** The host name of the public npm registry: the folder of its keys in a TUF repository. */
export function publicRegistryHost(): string {
  return new URL(publicRegistry()).host;
}

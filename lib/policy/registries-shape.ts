/** The shape of `registries`: how packages of other registries are judged. */
import type { RegistryPolicy } from '../model/policy.ts';
import { filePath, webAddress } from './location-shape.ts';
import { choice, mapOf, record, type Shape } from './shape.ts';

/** Registries by URL. */
export function registriesShape(): Shape<readonly RegistryPolicy[]> {
  const entry = record(
    {
      mirrorOf: choice(['npm'], "Judged with the public npm registry's keys and identity."),
      evidence: choice(['npm'], 'Ask the public registry for signatures the mirror strips.'),
      keys: filePath(
        'Its keys, as served at /-/npm/v1/keys or as the TUF target. Replaces what the registry offers.',
      ),
    },
    { noun: 'name', description: 'How packages of this registry are judged.' },
  );
  const url = webAddress('The URL of a registry.');
  const map = mapOf(url, entry, 'How packages of other registries are judged, by URL.');
  return {
    schema: map.schema,
    read(value, place) {
      const entries = map.read(value, place);
      if (entries === undefined) return undefined;
      const seen = new Set<string>();
      return entries.flatMap(([written, judged]) => {
        const found = registryUrl(written);
        if (seen.has(found)) place.child(written).report('names a registry that is named already');
        seen.add(found);
        return [{ url: found, ...judged }];
      });
    },
  };
}

/** As the registry client compares it: normalised, ending in a slash. */
function registryUrl(written: string): string {
  const { href } = new URL(written);
  return href.endsWith('/') ? href : `${href}/`;
}

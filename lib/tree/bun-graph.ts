/** Works out who depends on whom in bun's lockfile, by the nesting of its keys. */
import type { BunEntry, BunWant } from './bun-entry.ts';
import type { Wish } from './uses.ts';

/** One wish, and the text that was asked for. */
export type BunWish = Wish & { readonly spec: string };

/** One who wants: the project, a workspace or an entry. `place` is where its own node_modules lies. */
export type BunDependent = {
  readonly key: string;
  readonly place: readonly string[];
  readonly wants: readonly BunWant[];
};

/** The keys of the entries of each name, by the place whose node_modules they lie in. */
export type BunPlaces = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Where packages of each name lie. */
export function placesOf(entries: Iterable<BunEntry>): BunPlaces {
  const places = new Map<string, Map<string, string>>();
  for (const { key, place } of entries) {
    const name = place.at(-1) ?? key;
    const known = places.get(name) ?? new Map<string, string>();
    places.set(name, known.set(place.slice(0, -1).join('/'), key));
  }
  return places;
}

/** Resolves each wish as node does: in the dependent's own node_modules, then in those around it. */
export function wishesOf({ key: from, place, wants }: BunDependent, places: BunPlaces): readonly BunWish[] {
  const around = place.map((_, depth) => place.slice(0, place.length - depth).join('/'));
  return wants.flatMap(({ name, spec, use }) => {
    const known = places.get(name);
    const holder = known === undefined ? undefined : [...around, ''].find((folder) => known.has(folder));
    const to = holder === undefined ? undefined : known?.get(holder);
    return to === undefined ? [] : [{ from, to, use, spec }];
  });
}

/** Works out who depends on whom in bun's lockfile, by the nesting of its keys. */
import type { BunEntry, BunWant } from './bun-entry.ts';
import { PROJECT } from './reader.ts';
import type { Wish } from './uses.ts';

/** One wish, and the text that was asked for. */
export type BunWish = Wish & { readonly spec: string };

/** One who wants: the project, a workspace or an entry. `place` is where its own node_modules lies. */
export type BunDependent = {
  readonly key: string;
  readonly place: readonly string[];
  readonly wants: readonly BunWant[];
};

/** Resolves each wish as node does: in the dependent's own node_modules, then in those around it. */
export function wishesOf(
  { key: from, place, wants }: BunDependent,
  entries: ReadonlyMap<string, BunEntry>,
): readonly BunWish[] {
  return wants.flatMap(({ name, spec, use }) => {
    for (let depth = place.length; depth >= 0; depth--) {
      const to = [...place.slice(0, depth), name].join('/');
      if (to !== PROJECT && entries.has(to)) return [{ from, to, use, spec }];
    }
    return [];
  });
}

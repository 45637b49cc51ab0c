/** Tells what a run left in a project: packages in `node_modules`, and files that are new, changed or gone. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** What lies in a project, by name, with its bytes: a package of `node_modules` is one thing. */
export type Lying = ReadonlyMap<string, string>;

/** Everything below a folder. */
export function lyingIn(dir: string): Lying {
  const found = new Map<string, string>();
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (entry.isDirectory() && entry.name !== 'node_modules') continue;
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(dir, file).replaceAll('\\', '/');
    const name = thingOf(relative);
    found.set(name, `${found.get(name) ?? ''}${relative}\n${bytesOf(entry, file)}\n`);
  }
  return found;
}

/** `+` what is new, `~` what changed, `-` what is gone; sorted by name. */
export function differences(before: Lying, after: Lying): readonly string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    if (!before.has(name)) return [`+${name}`];
    if (!after.has(name)) return [`-${name}`];
    return before.get(name) === after.get(name) ? [] : [`~${name}`];
  });
}

function thingOf(relative: string): string {
  return /^((?:.*?\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(relative)?.[1] ?? relative;
}

function bytesOf(entry: { isFile(): boolean; isSymbolicLink(): boolean }, file: string): string {
  if (entry.isSymbolicLink()) return readlinkSync(file);
  return entry.isFile() ? readFileSync(file, 'latin1') : '';
}

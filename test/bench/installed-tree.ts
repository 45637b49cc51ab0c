/** Lays out `node_modules` as far as npm's audit reads it: every package's manifest, and the lockfile npm hides among them. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { entriesOf, type Lockfile } from './lockfile.ts';

/** Writes the tree of a lockfile into a project. Nothing but manifests is there. */
export function writeInstalledTree(project: string, lockfile: Lockfile): void {
  for (const [key, name, entry] of entriesOf(lockfile)) {
    const { version, dependencies, optionalDependencies, peerDependencies } = entry;
    const dir = path.join(project, key);
    mkdirSync(dir, { recursive: true });
    const manifest = { name, version, dependencies, optionalDependencies, peerDependencies };
    writeFileSync(path.join(dir, 'package.json'), JSON.stringify(manifest));
  }
  const { '': _, ...packages } = lockfile.packages;
  const hidden = path.join(project, 'node_modules/.package-lock.json');
  writeFileSync(hidden, JSON.stringify({ ...lockfile, packages }));
  // npm believes it only where it is younger than every folder.
  const soon = new Date(Date.now() + 60_000);
  utimesSync(hidden, soon, soon);
}

/** Finds the shortest way from the project to each package. */
import { type ParsedPackage, PROJECT } from './reader.ts';

/** Longer ways are shortened in the middle: a hostile lockfile can chain a million packages. */
const LONGEST = 64;
const ELISION = '…';

/**
 * The shortest way to each package by the names the dependents use: `project`, …, the package. Linear in entries and dependencies.
 * A package nobody depends on gets a way of its own name only.
 */
export function chainsOf(packages: readonly ParsedPackage[]): ReadonlyMap<string, readonly string[]> {
  const dependencies = dependenciesOf(packages);
  const chains = new Map<string, readonly string[]>([[PROJECT, ['project']]]);
  // A Map hands out keys in the order they came, also those that come while it is being read: it is the queue.
  for (const [key, chain] of chains) {
    for (const pkg of dependencies.get(key) ?? []) {
      if (!chains.has(pkg.key)) chains.set(pkg.key, extended(chain, nameOf(pkg)));
    }
  }
  for (const pkg of packages) {
    if (!chains.has(pkg.key)) chains.set(pkg.key, [nameOf(pkg)]);
  }
  return chains;
}

function dependenciesOf(packages: readonly ParsedPackage[]): ReadonlyMap<string, readonly ParsedPackage[]> {
  const dependencies = new Map<string, ParsedPackage[]>();
  for (const pkg of packages) {
    for (const dependent of pkg.dependents) {
      const known = dependencies.get(dependent);
      if (known === undefined) dependencies.set(dependent, [pkg]);
      else known.push(pkg);
    }
  }
  return dependencies;
}

function nameOf(pkg: ParsedPackage): string {
  return pkg.alias ?? pkg.id.name;
}

function extended(chain: readonly string[], name: string): readonly string[] {
  return chain.length < LONGEST ? [...chain, name] : [...chain.slice(0, LONGEST - 2), ELISION, name];
}

/** Lockfiles made to mislead the reader, or to exhaust it. */

type Entry = Readonly<Record<string, unknown>>;

/** The text of a lockfile with these entries, written by hand: object keys such as `__proto__` stay what they are. */
export function lockfileText(entries: Iterable<readonly [string, Entry]>): string {
  const lines = [...entries].map(([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`);
  const root = '"":{"name":"project","version":"1.0.0"}';
  return `{"name":"project","lockfileVersion":3,"requires":true,"packages":{\n${[root, ...lines].join(',\n')}}}\n`;
}

/** A lockfile with that many entries, each a package of its own. */
export function manyEntries(count: number): string {
  const entry = { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==` };
  const packages = function* () {
    for (let n = 0; n < count; n++) yield [`node_modules/p${n}`, entry] as const;
  };
  return lockfileText(packages());
}

/** Packages each of which wants the next: a chain that long, all on the first level of node_modules. */
export function deepChain(levels: number): string {
  const packages = function* () {
    for (let n = 0; n < levels; n++) {
      const wants = n + 1 < levels ? { dependencies: { [`p${n + 1}`]: '1.0.0' } } : {};
      yield [`node_modules/p${n}`, { version: '1.0.0', ...wants }] as const;
    }
  };
  return lockfileText(packages()).replace(
    '"version":"1.0.0"}',
    '"version":"1.0.0","dependencies":{"p0":"1.0.0"}}',
  );
}

/** A package inside a package inside a package: one key, that many folders deep. */
export function deepKey(levels: number): string {
  const key = Array.from({ length: levels }, () => 'node_modules/p').join('/');
  return lockfileText([[key, { version: '1.0.0' }]]);
}

/** JSON nested that deep inside an entry. */
export function deepJson(levels: number): string {
  const nest = `${'['.repeat(levels)}${']'.repeat(levels)}`;
  return lockfileText([['node_modules/p', { version: '1.0.0', funding: 'NEST' }]]).replace('"NEST"', nest);
}

/** Packs the package of a folder with the project's own manager, which decides what is in it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SIGNED_LATER } from '../author/index.ts';
import { SigningError } from '../errors.ts';
import { type ErrandEnd, type Manager, type ManagerKind, runErrand } from '../managers/index.ts';
import type { Host } from '../model/host.ts';

/** What is packed, by whom, and into which folder. */
export type PackRequest = {
  readonly manager: Manager;
  /** Absolute path of the project. */
  readonly root: string;
  /** An empty folder. */
  readonly into: string;
  readonly runsScripts: boolean;
};

/** A tarball's absolute path, or how the manager ended without one. */
export type Packed = { readonly kind: 'packed'; readonly tarball: string } | ErrandEnd;

/** Packs. Throws `ManagerError`, and `SigningError` `ARTIFACT_UNREADABLE` when the manager leaves no tarball. */
export async function packInto(
  host: Host,
  { manager, root, into, runsScripts }: PackRequest,
): Promise<Packed> {
  const scripts = runsScripts ? [] : ['--ignore-scripts'];
  const end = await runErrand(host, {
    manager,
    root,
    args: [...PACK[manager.kind](into), ...(manager.kind === 'yarn-berry' ? [] : scripts)],
    env: { [SIGNED_LATER]: '1' },
    prints: 'notes',
  });
  if (end.kind !== 'ended' || end.code !== 0) return end;
  const tarballs = (await readdir(into)).filter((file) => file.endsWith('.tgz'));
  const [tarball, second] = tarballs;
  if (tarball === undefined || second !== undefined) {
    throw new SigningError(
      'ARTIFACT_UNREADABLE',
      `${manager.name} packed ${tarballs.length} tarballs where one was asked for.`,
      { hint: 'Pack it, and name the tarball: npmsign publish <tarball>.' },
    );
  }
  return { kind: 'packed', tarball: join(into, tarball) };
}

const PACK: Readonly<Record<ManagerKind, (into: string) => readonly string[]>> = {
  npm: (into) => ['pack', `--pack-destination=${into}`],
  pnpm: (into) => ['pack', '--pack-destination', into],
  'yarn-classic': (into) => ['pack', '--filename', join(into, 'package.tgz')],
  'yarn-berry': (into) => ['pack', '--out', join(into, 'package.tgz')],
  bun: (into) => ['pm', 'pack', '--destination', into],
};

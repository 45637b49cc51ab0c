/** Poisons a user's cache: every way somebody who can write there might try. */
import {
  chownSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Misbehaviour } from '../support/registry/index.ts';

/** Two homes: the victim's, whose cache is warm with the truth, and the attacker's, warm with lies. */
export type Homes = { readonly victim: string; readonly attacker: string };

/** One way to poison the victim's cache. */
export type Poison = {
  readonly what: string;
  readonly needsRoot?: true;
  readonly apply: (homes: Homes) => void;
};

const cacheIn = (home: string): string => path.join(home, 'npm-cache', '_npmsign');

/** The files answers are kept in, in whatever version of the folder. */
export function segmentsIn(home: string): readonly string[] {
  const folders = readdirSync(cacheIn(home)).filter((name) => name.startsWith('answers-'));
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(cacheIn(home), folder)).map((name) => path.join(cacheIn(home), folder, name)),
  );
  if (files.length === 0) throw new Error(`no answers are kept in ${home}`);
  return files;
}

/** Every variant of row T16 that one process can make. */
export const poisons: readonly Poison[] = [
  ...[0, 1, 17, 0.5, 0.9].map((length) => ({
    what: `truncated to ${length < 1 && length > 0 ? `${length * 100} %` : `${length} bytes`}`,
    apply: ({ victim }: Homes) => {
      for (const file of segmentsIn(victim)) {
        truncateSync(file, length > 0 && length < 1 ? Math.floor(statSync(file).size * length) : length);
      }
    },
  })),
  {
    what: 'replaced by garbage',
    apply: ({ victim }) => {
      for (const file of segmentsIn(victim)) writeFileSync(file, Buffer.alloc(4096, 0xa5), { mode: 0o600 });
    },
  },
  {
    what: "replaced file by file by the attacker's",
    apply({ victim, attacker }) {
      const [lie] = segmentsIn(attacker);
      for (const file of segmentsIn(victim)) writeFileSync(file, readFileSync(lie ?? ''), { mode: 0o600 });
    },
  },
  {
    what: "replaced whole by the attacker's",
    apply({ victim, attacker }) {
      rmSync(cacheIn(victim), { recursive: true });
      cpSync(cacheIn(attacker), cacheIn(victim), { recursive: true });
    },
  },
  {
    what: "given the attacker's newest answers besides its own",
    apply({ victim, attacker }) {
      const [lie = ''] = segmentsIn(attacker);
      const [own = ''] = segmentsIn(victim);
      const newest = path.join(path.dirname(own), `999999999999999-${'f'.repeat(12)}.seg`);
      writeFileSync(newest, readFileSync(lie), { mode: 0o600 });
    },
  },
  {
    what: "a symbolic link to the attacker's file",
    apply({ victim, attacker }) {
      const [lie = ''] = segmentsIn(attacker);
      for (const file of segmentsIn(victim)) {
        rmSync(file);
        symlinkSync(lie, file);
      }
    },
  },
  {
    what: "a symbolic link to the attacker's folder",
    apply({ victim, attacker }) {
      renameSync(cacheIn(victim), `${cacheIn(victim)}.moved`);
      symlinkSync(cacheIn(attacker), cacheIn(victim));
    },
  },
  {
    what: "another user's file",
    needsRoot: true,
    apply: ({ victim }) => {
      for (const file of segmentsIn(victim)) chownSync(file, 4711, 4711);
    },
  },
  {
    what: "another user's folder",
    needsRoot: true,
    apply: ({ victim }) => chownSync(cacheIn(victim), 4711, 4711),
  },
];

/** The lie that would help: no scripts, and published long ago. */
export function harmlessAndOld(at: Date): Misbehaviour {
  return {
    kind: 'edit',
    edit({ manifest, name, version }) {
      delete manifest['scripts'];
      manifest['_npmOperationalInternal'] = {
        tmp: `tmp/${name}_${version}_${at.getTime()}_0.3888474879294379`,
      };
    },
  };
}

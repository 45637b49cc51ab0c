/** What the gates do not stop before it is fetched, in plain words, and which gate does. */
import type { Row } from './record.ts';

/** One hole, and where it shows. */
export type Hole = {
  readonly managers: readonly string[];
  readonly intents: readonly Row['intent'][];
  readonly setUps?: readonly Row['setUp'][];
  readonly why: string;
  readonly instead: string;
};

const NPMS = ['npm 10', 'npm 11', 'npm 12'];

/** All of them: the tests hold this list to what was seen, in both directions. */
export const HOLES: readonly Hole[] = [
  {
    managers: ['npm 10', 'npm 11'],
    intents: [
      ...(['frozen', 'frozen-warm', 'frozen-production', 'frozen-member'] as const),
      ...(['bare', 'bare-wanted', 'bare-unlocked', 'add', 'add-member', 'update', 'dedupe'] as const),
    ],
    why: 'npm 10 and 11 call the scripts of the project once packages are unpacked and their scripts have run. The command fails, and says that it was late.',
    instead: '`npmsign ci`, `npmsign install <package>`, or npm 12',
  },
  {
    managers: ['npm 10'],
    intents: ['frozen-unreviewed'],
    why: 'npm 10 has no setting that keeps scripts nobody has reviewed from running.',
    instead: '`npmsign ci`, or npm 11.16 and later',
  },
  {
    managers: ['npm 12'],
    intents: ['add', 'add-member', 'update', 'dedupe'],
    setUps: ['init'],
    why: 'npm calls no `preinstall` of the project here; `dependencies` fails the command when the change is made.',
    instead: '`npmsign install <package>`, or `npmsign init --npm-extension`',
  },
  {
    managers: [...NPMS, 'yarn 1'],
    intents: ['frozen-ignore-scripts', 'add-ignore-scripts'],
    why: 'Without scripts the gate, a script of the project, is not called either. Nothing of the package runs yet; it lies there to be loaded.',
    instead: '`npmsign ci --ignore-scripts`; `npmsign verify --require-gate` notices',
  },
  {
    managers: ['npm 12'],
    intents: ['rebuild'],
    why: 'npm calls nothing of the project, and runs the scripts of what an earlier install has unpacked and the project allows.',
    instead: '`npmsign verify`, then `npm rebuild`',
  },
  {
    managers: ['npm 10', 'npm 12', 'pnpm 12', 'bun'],
    intents: ['run'],
    why: 'What is run without being installed stands in no lockfile, and the project is not asked.',
    instead: '`npmsign install <package>`, then run it',
  },
  {
    managers: ['pnpm 10'],
    intents: ['bare-wanted', 'add', 'add-ignore-scripts', 'add-member', 'update'],
    why: 'pnpm 10 asks for the tarball while its manifest is judged. The project stays as it was, and nothing runs; the bytes may lie in the store.',
    instead: '`npmsign install <package>`, or pnpm 11 and later',
  },
  {
    managers: ['pnpm 10', 'pnpm 11', 'pnpm 12'],
    intents: ['config'],
    why: "pnpm fetches a config dependency, and loads a plugin's pnpmfile, before it calls any hook: the gate fails the command, late.",
    instead: '`npmsign ci`',
  },
  {
    managers: ['pnpm 10', 'pnpm 11', 'pnpm 12', 'bun'],
    intents: ['no-hooks'],
    why: '`--ignore-pnpmfile` of pnpm, and another `--config` of bun, leave the gate out.',
    instead: '`npmsign ci`; `npmsign verify --require-gate` notices',
  },
  {
    managers: ['yarn 1'],
    intents: ['frozen-member', 'add-member'],
    why: 'yarn 1 calls the scripts of the folder it is called in, not those of the root.',
    instead: '`npmsign ci`, or yarn called in the root',
  },
  {
    managers: ['yarn 1'],
    intents: ['update'],
    why: '`yarn upgrade` calls no script of the project.',
    instead:
      '`yarn upgrade --ignore-scripts`, `npmsign verify`, then `yarn install --frozen-lockfile --force`',
  },
  {
    managers: ['bun'],
    intents: ['trust'],
    why: '`bun pm trust` runs the scripts of what an earlier install has unpacked, and calls no scanner.',
    instead: '`npmsign verify`, then `bun pm trust`',
  },
];

/** The hole a row shows, if any: everything that is not stopped before it is fetched is one. */
export function holesOf({ manager, intent, setUp }: Row): readonly Hole[] {
  return HOLES.filter(
    ({ managers, intents, setUps }) =>
      managers.includes(manager) && intents.includes(intent) && (setUps?.includes(setUp) ?? true),
  );
}

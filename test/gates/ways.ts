/** The ways to have a package installed, by each manager's own words: the rows of the gate matrix. */
import type { Contestant } from './contestants.ts';

/** What a person wants; the same for every manager. */
export type Intent = keyof typeof INTENTS;

/** One command line, and the project it is tried in. */
export type Way = {
  readonly intent: Intent;
  /** `npmsign`: the command stands in front of the manager; `hook`: the manager is called, and calls what `init` wrote; `none`: no npmsign at all. */
  readonly gate: 'npmsign' | 'hook' | 'none';
  /** `extension`: set up with `init --npm-extension`. */
  readonly setUp?: 'extension';
  readonly args: readonly string[];
  readonly state: State;
  /** The manager's own cache holds everything already; cold unless said otherwise. */
  readonly cache?: 'warm';
  /** Called from the folder of a workspace. */
  readonly from?: 'member';
  /** Files that lie in the project besides. */
  readonly files?: Readonly<Record<string, string>>;
};

/** How the project lies there before. */
export type State =
  /** The policy is met; nothing is installed. */
  | 'met'
  /** The policy is met, and that is installed. */
  | 'installed'
  /** The lockfile holds evil; nothing is installed. */
  | 'locked'
  /** The same, and the project does not let evil's scripts run. */
  | 'unreviewed'
  /** package.json asks for evil, and the lockfile does not hold it yet. */
  | 'wanted'
  /** package.json asks for evil, and there is no lockfile. */
  | 'unlocked'
  /** The lockfile holds evil, which is installed; its scripts have not run. */
  | 'unpacked'
  /** The same, and the project does not let them run. bun only. */
  | 'held'
  /** The policy is met, and pnpm's settings name a config dependency that is evil. */
  | 'configured'
  /** The same, and pnpm has locked what it locks of it. */
  | 'configuredAndLocked';

/** In the order of the table, as a person would say it. */
export const INTENTS = {
  ci: '`npmsign ci`',
  'ci-warm': '`npmsign ci`, warm cache',
  'ci-ignore-scripts': '`npmsign ci --ignore-scripts`',
  'ci-production': '`npmsign ci`, production only',
  'ci-member': '`npmsign ci` in a workspace folder',
  'ci-sealed': '`npmsign ci --sealed`',
  install: '`npmsign install`, evil in package.json',
  'install-evil': '`npmsign install evil`',
  'install-evil-member': '`npmsign install evil` in a workspace folder',
  frozen: 'frozen install',
  'frozen-warm': 'frozen install, warm cache',
  'frozen-ignore-scripts': 'frozen install, scripts ignored',
  'frozen-production': 'frozen install, production only',
  'frozen-member': 'frozen install in a workspace folder',
  'frozen-unreviewed': 'frozen install, script not allowed by the project',
  bare: 'bare install',
  'bare-wanted': 'bare install, evil in package.json only',
  'bare-unlocked': 'bare install, no lockfile',
  add: 'install one package',
  'add-ignore-scripts': 'install one package, scripts ignored',
  'add-member': 'install one package in a workspace folder',
  update: 'update to a version that turned evil',
  dedupe: 'dedupe',
  rebuild: 'rebuild',
  trust: 'allow a script that was held back',
  config: 'frozen install, evil config dependency',
  'ci-config': '`npmsign ci`, evil config dependency',
  'install-config': '`npmsign install`, evil config dependency',
  fetch: 'fetch only',
  'no-hooks': 'hooks switched off by a flag',
  run: 'run a package that is not installed',
  passes: 'frozen install, policy met',
  unguarded: 'frozen install without npmsign',
} as const;

/** Every way of a manager that is tried. */
export function waysOf(contestant: Contestant): readonly Way[] {
  const hooked = throughHooks(contestant);
  const extended = hooked.filter(({ intent }) => WITH_EXTENSION.includes(intent));
  return [
    ...throughNpmsign(contestant),
    ...hooked,
    ...(contestant.title === 'npm 12'
      ? extended.map((way) => ({ ...way, setUp: 'extension' }) as const)
      : []),
    { intent: 'passes', gate: 'hook', args: contestant.frozen, state: 'met' },
    { intent: 'unguarded', gate: 'none', args: contestant.frozen, state: 'locked' },
  ];
}

function throughNpmsign(contestant: Contestant): readonly Way[] {
  const way = { gate: 'npmsign', args: ['ci'], state: 'locked' } as const;
  const [production = ''] = wordsOf(contestant).production.slice(-1);
  const add = {
    gate: 'npmsign',
    args: ['install', 'evil', contestant.asDevelopment],
    state: 'installed',
  } as const;
  return [
    { ...way, intent: 'ci' },
    { ...way, intent: 'ci-warm', cache: 'warm' },
    { ...way, intent: 'ci-ignore-scripts', args: ['ci', '--ignore-scripts'] },
    { ...way, intent: 'ci-production', args: ['ci', production] },
    { ...way, intent: 'ci-member', from: 'member' },
    ...(contestant.name === 'npm'
      ? [{ ...way, intent: 'ci-sealed', args: ['ci', '--sealed'] } as const]
      : []),
    ...(contestant.name === 'pnpm' ? CONFIG : []),
    { ...way, intent: 'install', args: ['install'], state: 'wanted' },
    { ...add, intent: 'install-evil' },
    { ...add, intent: 'install-evil-member', from: 'member' },
  ];
}

/** pnpm fetches a config dependency and runs what it brings before it does anything else. */
const CONFIG: readonly Way[] = [
  { intent: 'ci-config', gate: 'npmsign', args: ['ci'], state: 'configuredAndLocked' },
  { intent: 'install-config', gate: 'npmsign', args: ['install'], state: 'configured' },
];

function throughHooks(contestant: Contestant): readonly Way[] {
  const { frozen } = contestant;
  const { production, noScripts, add, update, own } = wordsOf(contestant);
  const locked = { gate: 'hook', args: frozen, state: 'locked' } as const;
  const bare = { gate: 'hook', args: ['install'] } as const;
  const adding = { gate: 'hook', args: [add, 'evil'], state: 'installed' } as const;
  return [
    { ...locked, intent: 'frozen' },
    { ...locked, intent: 'frozen-warm', cache: 'warm' },
    { ...locked, intent: 'frozen-ignore-scripts', args: [...frozen, noScripts] },
    { ...locked, intent: 'frozen-production', args: production },
    { ...locked, intent: 'frozen-member', from: 'member' },
    { ...bare, intent: 'bare', state: 'locked' },
    { ...bare, intent: 'bare-wanted', state: 'wanted' },
    { ...bare, intent: 'bare-unlocked', state: 'unlocked' },
    { ...adding, intent: 'add' },
    { ...adding, intent: 'add-ignore-scripts', args: [add, 'evil', noScripts] },
    { ...adding, intent: 'add-member', from: 'member' },
    { intent: 'update', gate: 'hook', args: update, state: 'installed' },
    ...own.map((way) => ({ ...way, gate: 'hook' }) as const),
  ];
}

/** The flag under which a manager installs and runs no script of a dependency. */
export function noScriptsOf(contestant: Contestant): string {
  return wordsOf(contestant).noScripts;
}

/** Where npm's extension may make a difference. */
const WITH_EXTENSION: readonly Intent[] = [
  ...(['frozen', 'bare', 'bare-wanted', 'add', 'add-ignore-scripts', 'add-member'] as const),
  ...(['update', 'dedupe', 'rebuild'] as const),
];

/** What a manager calls things. The last word of `production` is the flag alone. */
type Words = {
  readonly production: readonly string[];
  readonly noScripts: string;
  readonly add: string;
  readonly update: readonly string[];
  /** Ways not every manager has. */
  readonly own: readonly Pick<Way, 'intent' | 'args' | 'state' | 'files'>[];
};

function wordsOf({ name, title }: Contestant): Words {
  const words = WORDS[name === 'yarn' ? title : name];
  if (words === undefined) throw new Error(`Nobody knows the ways of ${title}.`);
  return words;
}

const WORDS: Readonly<Record<string, Words>> = {
  npm: {
    production: ['ci', '--omit=dev'],
    noScripts: '--ignore-scripts',
    add: 'install',
    update: ['update'],
    own: [
      { intent: 'frozen-unreviewed', args: ['ci'], state: 'unreviewed' },
      { intent: 'dedupe', args: ['dedupe'], state: 'locked' },
      { intent: 'rebuild', args: ['rebuild'], state: 'unpacked' },
      { intent: 'run', args: ['exec', '--yes', 'evil'], state: 'met' },
    ],
  },
  pnpm: {
    production: ['install', '--frozen-lockfile', '--prod'],
    noScripts: '--ignore-scripts',
    add: 'add',
    update: ['update'],
    own: [
      { intent: 'dedupe', args: ['dedupe'], state: 'locked' },
      { intent: 'rebuild', args: ['rebuild'], state: 'unpacked' },
      { intent: 'fetch', args: ['fetch'], state: 'locked' },
      { intent: 'config', args: ['install', '--frozen-lockfile'], state: 'configuredAndLocked' },
      { intent: 'no-hooks', args: ['install', '--ignore-pnpmfile'], state: 'locked' },
      { intent: 'run', args: ['dlx', 'evil'], state: 'met' },
    ],
  },
  'yarn 1': {
    production: ['install', '--frozen-lockfile', '--production'],
    noScripts: '--ignore-scripts',
    add: 'add',
    update: ['upgrade'],
    own: [{ intent: 'rebuild', args: ['install', '--force'], state: 'unpacked' }],
  },
  'yarn 4': {
    production: ['workspaces', 'focus', '--production'],
    noScripts: '--mode=skip-build',
    add: 'add',
    update: ['up', 'fickle'],
    own: [
      { intent: 'dedupe', args: ['dedupe'], state: 'locked' },
      { intent: 'rebuild', args: ['rebuild'], state: 'unpacked' },
      { intent: 'run', args: ['dlx', 'evil'], state: 'met' },
    ],
  },
  bun: {
    production: ['install', '--frozen-lockfile', '--production'],
    noScripts: '--ignore-scripts',
    add: 'add',
    update: ['update'],
    own: [
      { intent: 'rebuild', args: ['install', '--force'], state: 'unpacked' },
      { intent: 'trust', args: ['pm', 'trust', 'evil'], state: 'held' },
      {
        intent: 'no-hooks',
        args: ['install', '--config=other.toml'],
        state: 'locked',
        files: { 'other.toml': '[install]\n' },
      },
      { intent: 'run', args: ['x', 'evil'], state: 'met' },
    ],
  },
};

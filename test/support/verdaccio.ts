/** A real Verdaccio on loopback, in a process of its own, with accounts, and on demand with the signing plugin. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { buildVerdaccioPluginInto } from '../../scripts/build.ts';
import { nodeOf } from './managers.ts';
import { cleanEnvironment, installed } from './programs.ts';
import { aTempDirectory } from './temp.ts';

const VERSION = '6.10.4';
// Its audit plugin asks for a tag of node-fetch which not every registry keeps.
const OVERRIDES = { 'node-fetch': '^2.7.0' };

/** How it is set up; all of it optional. */
export type VerdaccioRequest = {
  /** The section `middlewares.npmsign`; absent: a registry that does not sign. */
  readonly npmsign?: Readonly<Record<string, unknown>>;
  /** Storage, accounts and keys of an earlier one. */
  readonly home?: string;
  readonly uplink?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
};

/** A running Verdaccio. */
export type Verdaccio = {
  /** Ends in a slash. */
  readonly url: string;
  /** Holds `storage/`, and below it `.npmsign/`. */
  readonly home: string;
  /** The line of an `.npmrc` that lets this user in; the account is made when it is not there. */
  readonly login: (user: string) => Promise<{ readonly token: string; readonly npmrc: string }>;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

/** Starts it. Throws with its log when it ends instead of listening. Everybody may read; who has an account may publish. */
export async function startVerdaccio(request: VerdaccioRequest = {}): Promise<Verdaccio> {
  const home = request.home ?? aTempDirectory('verdaccio');
  const config = path.join(home, 'config.yaml');
  writeFileSync(config, JSON.stringify(await configFor(request), null, 2));
  for (let attempt = 1; ; attempt++) {
    const outcome = await start(home, config);
    if ('url' in outcome) return outcome;
    // Verdaccio takes no port 0, and between finding a free one and its start somebody else may have taken that.
    if (!outcome.log.includes('EADDRINUSE') || attempt === 5)
      throw new Error(`Verdaccio did not start:\n${outcome.log}`);
  }
}

async function start(home: string, config: string): Promise<Verdaccio | { readonly log: string }> {
  const port = await freePort();
  const modules = path.join(await installed(`verdaccio@${VERSION}`, OVERRIDES), 'node_modules');
  const child = spawn(
    await nodeOf(24),
    [path.join(modules, 'verdaccio/bin/verdaccio'), '--config', config, '--listen', `127.0.0.1:${port}`],
    {
      cwd: home,
      env: { ...cleanEnvironment(), HOME: home, USERPROFILE: home },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const written = { log: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      written.log += text;
    });
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const started = new Promise<'started'>((resolve) => child.once('message', () => resolve('started')));
  running.add(child);
  child.once('close', () => running.delete(child));
  const first = await Promise.race([started, ended]);
  if (first !== 'started') {
    child.kill('SIGKILL');
    return { log: written.log };
  }
  // A test that fails before it stops it ends all the same, and takes it along.
  for (const held of [child, child.channel, child.stdout, child.stderr].map(unreferable)) held?.unref();
  const url = `http://127.0.0.1:${port}/`;
  return {
    url,
    home,
    login: (user) => login(url, user),
    log: () => written.log,
    stop() {
      child.ref();
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Pipes are sockets, which the types do not say. */
function unreferable(held: unknown): { readonly unref: () => void } | undefined {
  return held as { readonly unref: () => void } | undefined;
}

const running = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

async function configFor({ npmsign, uplink, settings }: VerdaccioRequest): Promise<object> {
  const everybody = { access: '$all', publish: '$authenticated', unpublish: '$authenticated' };
  const packages = { ...everybody, ...(uplink === undefined ? {} : { proxy: 'upstream' }) };
  return {
    storage: './storage',
    ...(npmsign === undefined ? {} : { plugins: await plugins(), middlewares: { npmsign } }),
    auth: { htpasswd: { file: './htpasswd', max_users: 100 } },
    uplinks: uplink === undefined ? {} : { upstream: { url: uplink, maxage: '0s' } },
    packages: { '@*/*': packages, '**': packages },
    web: { enable: false },
    log: { type: 'stdout', format: 'json', level: 'info' },
    ...settings,
  };
}

const built = new Map<'plugins', Promise<string>>();

/** Built once in a process, from the sources as they stand. */
function plugins(): Promise<string> {
  const known = built.get('plugins') ?? buildVerdaccioPluginInto(madeDirectory());
  built.set('plugins', known);
  return known;
}

function madeDirectory(): string {
  const directory = path.join(aTempDirectory('plugin'), 'dist');
  mkdirSync(directory);
  return directory;
}

async function login(url: string, user: string): Promise<{ readonly token: string; readonly npmrc: string }> {
  const password = `secret of ${user}`;
  const answer = await fetch(`${url}-/user/org.couchdb.user:${user}`, {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    },
    body: JSON.stringify({ name: user, password, type: 'user' }),
  });
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`Verdaccio let ${user} not in: ${text}`);
  const { token } = JSON.parse(text);
  return { token, npmrc: `//${new URL(url).host}/:_authToken=${token}` };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

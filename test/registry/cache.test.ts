/** The cache saves requests, and nothing put into it by others is believed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
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
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Host } from '../../lib/model/host.ts';
import { type Cache, openCache } from '../../lib/registry/cache.ts';
import { cacheKey } from '../../lib/registry/cache-record.ts';
import { NOW } from '../support/host.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import { aProject, asking, lockedAs } from './world.ts';

const DAY = 24 * 60 * 60 * 1000;
const isWindows = process.platform === 'win32';

const keyOf = (n: number) => cacheKey({ url: `https://registry.example/${n}`, kind: 'manifest', scope: '' });
const entryOf = (text: string) => ({
  packed: { bytes: Buffer.from(text), encoding: 'identity' as const },
  checkedAt: NOW.getTime(),
});

function withCache<T>(host: Host, directory: string, use: (cache: Cache) => T): T {
  const cache = openCache(host, directory);
  try {
    return use(cache);
  } finally {
    cache.close();
  }
}

const textUnder = (cache: Cache, n: number) => cache.get(keyOf(n))?.packed.bytes.toString('utf8');
const filesIn = (directory: string) =>
  readdirSync(path.join(directory, 'answers-v2')).map((name) => path.join(directory, 'answers-v2', name));

function openToOthers(directory: string): void {
  mkdirSync(directory);
  // Beyond what the umask lets mkdir give.
  chmodSync(directory, 0o777);
}

/** A cache with one file of three entries. */
function aFilledCache(): { readonly host: Host; readonly directory: string; readonly file: string } {
  const host = aProject([]);
  const directory = path.join(aTempDirectory('cache'), '_npmsign');
  withCache(host, directory, (cache) => {
    for (const n of [1, 2, 3]) cache.put(keyOf(n), entryOf(`answer ${n}`));
  });
  const [file = ''] = filesIn(directory);
  return { host, directory, file };
}

describe('the cache on disk', () => {
  it('gives back what was put in, to the same user', () => {
    const { host, directory } = aFilledCache();
    withCache(host, directory, (cache) => {
      assert.deepEqual(
        [1, 2, 3, 4].map((n) => textUnder(cache, n)),
        ['answer 1', 'answer 2', 'answer 3', undefined],
      );
      assert.deepEqual(cache.notices(), []);
    });
  });

  it('holds nothing for another user, to whom it travelled', () => {
    const { directory } = aFilledCache();
    withCache(aProject([]), directory, (cache) => assert.equal(textUnder(cache, 1), undefined));
  });

  it('holds nothing in a single byte that was changed, wherever it is', () => {
    const { host, directory, file } = aFilledCache();
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      writeFileSync(file, altered);
      withCache(host, directory, (cache) => {
        for (const n of [1, 2, 3])
          assert.ok([undefined, `answer ${n}`].includes(textUnder(cache, n)), `byte ${at}`);
      });
      for (const other of filesIn(directory)) if (other !== file) assert.fail('a reader wrote');
    }
  });

  it('survives being cut off at any length', () => {
    const { host, directory, file } = aFilledCache();
    for (let length = readFileSync(file).length - 1; length >= 0; length -= 7) {
      truncateSync(file, length);
      withCache(host, directory, (cache) => assert.equal(textUnder(cache, 1), undefined));
    }
  });

  it('does not give the answer to one question as the answer to another', () => {
    const { host, directory, file } = aFilledCache();
    const bytes = readFileSync(file);
    const [one, two] = [bytes.indexOf(keyOf(1)), bytes.indexOf(keyOf(2))];
    bytes.set(keyOf(2), one);
    bytes.set(keyOf(1), two);
    writeFileSync(file, bytes);
    withCache(host, directory, (cache) => {
      for (const n of [1, 2]) assert.equal(textUnder(cache, n), undefined);
    });
  });

  it('follows no links', { skip: isWindows }, () => {
    const { host, directory, file } = aFilledCache();
    renameSync(file, `${file}.moved`);
    symlinkSync(`${file}.moved`, file);
    withCache(host, directory, (cache) => assert.equal(textUnder(cache, 1), undefined));
  });

  const places: readonly (readonly [string, (directory: string) => void, RegExp])[] = [
    ['a link', (directory) => symlinkSync(aTempDirectory('elsewhere'), directory), /is a symbolic link/],
    ['open to other writers', openToOthers, /can be written by other users/],
    ['a file', (directory) => writeFileSync(directory, ''), /cannot be made/],
  ];
  for (const [what, prepare, reason] of places) {
    it(`is not used when its directory is ${what}, and the run says so`, { skip: isWindows }, () => {
      const directory = path.join(aTempDirectory('cache'), '_npmsign');
      prepare(directory);
      withCache(aProject([]), directory, (cache) => {
        cache.put(keyOf(1), entryOf('x'));
        assert.equal(textUnder(cache, 1), undefined);
        assert.equal(cache.directory, undefined);
        assert.match(cache.notices()[0]?.message ?? '', reason);
      });
    });
  }

  it('is not used when its key can be read by others', { skip: isWindows }, () => {
    const { host, directory } = aFilledCache();
    chmodSync(path.join(host.env['HOME'] ?? '', '.local', 'state', 'npmsign', 'cache.key'), 0o644);
    withCache(host, directory, (cache) => {
      assert.equal(textUnder(cache, 1), undefined);
      assert.match(cache.notices()[0]?.message ?? '', /can be read by other users/);
    });
  });

  const isRoot = process.getuid?.() === 0;
  it('is not used when its directory belongs to another user', { skip: !isRoot && 'needs root' }, () => {
    const { host, directory } = aFilledCache();
    chownSync(directory, 4711, 4711);
    withCache(host, directory, (cache) => {
      assert.equal(textUnder(cache, 1), undefined);
      assert.match(cache.notices()[0]?.message ?? '', /belongs to another user/);
    });
  });

  it('holds nothing in a file of another user', { skip: !isRoot && 'needs root' }, () => {
    const { host, directory, file } = aFilledCache();
    chownSync(file, 4711, 4711);
    withCache(host, directory, (cache) => assert.equal(textUnder(cache, 1), undefined));
  });

  it('can be read by nobody else', { skip: isWindows }, () => {
    const { directory, file } = aFilledCache();
    const modes = [directory, path.dirname(file), file].map((place) => statSync(place).mode & 0o777);
    assert.deepEqual(modes, [0o700, 0o700, 0o600]);
  });

  it('keeps the newest answer and few files, however many runs add to it', () => {
    const { directory, host } = aFilledCache();
    for (let run = 0; run < 30; run++) {
      const later = { ...host, now: new Date(NOW.getTime() + run * 1000) };
      withCache(later, directory, (cache) => cache.put(keyOf(1), entryOf(`run ${run}`)));
    }
    withCache(host, directory, (cache) => {
      assert.deepEqual(
        [1, 2].map((n) => textUnder(cache, n)),
        ['run 29', 'answer 2'],
      );
    });
    assert.ok(filesIn(directory).length <= 9, `${filesIn(directory).length} files`);
  });

  it('gives back at once what it was given, in memory or on disk by then, and the later of two answers', () => {
    const directory = path.join(aTempDirectory('cache'), '_npmsign');
    withCache(aProject([]), directory, (cache) => {
      const large = 'x'.repeat(300_000);
      cache.put(keyOf(1), entryOf('first'));
      cache.put(keyOf(1), entryOf('second'));
      assert.equal(textUnder(cache, 1), 'second');
      for (const n of [2, 3, 4]) cache.put(keyOf(n), entryOf(`${large}${n}`));
      assert.deepEqual(
        [1, 2, 3, 4].map((n) => textUnder(cache, n)?.slice(-6)),
        ['second', 'xxxxx2', 'xxxxx3', 'xxxxx4'],
      );
    });
  });

  it('seals what a run learns from time to time, so that a killed run loses little', () => {
    const host = aProject([]);
    const directory = path.join(aTempDirectory('cache'), '_npmsign');
    const killed = openCache(host, directory);
    for (let n = 0; n < 12; n++) killed.put(keyOf(n), entryOf(`${'x'.repeat(1024 * 1024)}${n}`));
    withCache(host, directory, (cache) => {
      assert.deepEqual(
        [0, 7, 11].map((n) => textUnder(cache, n)?.slice(1024 * 1024)),
        ['0', '7', undefined],
      );
    });
    killed.close();
    withCache(host, directory, (cache) => assert.equal(textUnder(cache, 11)?.slice(1024 * 1024), '11'));
  });

  it('goes on without a disk that takes no more, and says so once', { skip: isWindows }, () => {
    const { host, directory } = aFilledCache();
    withCache(host, directory, (cache) => {
      rmSync(path.join(directory, 'answers-v2'), { recursive: true });
      for (const n of [1, 2]) cache.put(keyOf(n), entryOf('new'));
      assert.equal(cache.notices().length, 1);
      assert.match(cache.notices()[0]?.message ?? '', /cannot be written \(ENOENT\)/);
    });
  });

  it('leaves files alone that are not its own', () => {
    const { directory, host } = aFilledCache();
    const stranger = path.join(directory, 'answers-v2', 'notes.txt');
    writeFileSync(stranger, 'mine');
    withCache({ ...host, now: new Date(NOW.getTime() + 9999 * DAY) }, directory, () => undefined);
    assert.equal(readFileSync(stranger, 'utf8'), 'mine');
  });

  it('is shared by processes that write at the same time', async () => {
    const { directory, host } = aFilledCache();
    const script = path.join(import.meta.dirname, 'cache-writer.ts');
    const runs = [100, 200, 300].map((start) =>
      spawn(process.execPath, ['--import', 'tsx', script, directory, host.env['HOME'] ?? '', String(start)], {
        stdio: 'inherit',
      }),
    );
    const codes = await Promise.all(runs.map(async (run) => (await once(run, 'exit'))[0]));
    assert.deepEqual(codes, [0, 0, 0]);
    withCache(host, directory, (cache) => {
      for (const n of [1, 100, 149, 200, 249, 300, 349]) assert.equal(textUnder(cache, n), `answer ${n}`);
    });
  });
});

describe('a registry asked a second time', () => {
  let server: LoopbackRegistry;
  let published: Published;
  before(async () => {
    server = await startRegistry();
    published = server.publish({ name: 'lib', version: '1.0.0', attest: {} });
  });
  beforeEach(() => {
    server.behave();
    server.forgetRequests();
  });
  after(() => server.close());

  const project = () => aProject([`registry=${server.url}`]);
  const everything = (host: Host, options: Parameters<typeof asking>[2] = {}) =>
    asking(
      host,
      async (registry) => {
        const pkg = lockedAs(published);
        return {
          told: [
            (await registry.manifest(pkg)).status,
            (await registry.attestations(pkg)).status,
            (await registry.modified(pkg)).status,
            (await registry.keys(pkg)).status,
          ],
          stats: registry.stats(),
          notices: registry.notices().map(({ code }) => code),
        };
      },
      options,
    );
  const ALL_TOLD = ['told', 'told', 'told', 'told'];

  it('is not asked the same again on the same day', async () => {
    const host = project();
    assert.equal((await everything(host)).stats.requests, 4);
    const { told, stats } = await everything(host);
    assert.deepEqual(told, ALL_TOLD);
    assert.deepEqual(stats, { requests: 0, bytes: 0, cached: 4 });
  });

  it('is asked a day later only about what can change, and may answer that nothing did', async () => {
    const host = project();
    await everything(host);
    server.forgetRequests();
    const { told, stats } = await everything({ ...host, now: new Date(NOW.getTime() + DAY) });
    assert.deepEqual(told, ALL_TOLD);
    assert.deepEqual(
      server.requests.map(({ route }) => route.kind),
      ['packument', 'keys'],
    );
    assert.ok(server.requests.every(({ headers }) => headers['if-none-match'] !== undefined));
    assert.deepEqual([stats.requests, stats.bytes, stats.cached], [2, 0, 2]);
  });

  const ages = [
    ['is asked a day later for the versions before a young one', 6 * DAY, 1],
    ['is not asked again for the versions before an old one: none can be added', 8 * DAY, 0],
  ] as const;
  for (const [what, age, requests] of ages) {
    it(what, async () => {
      const host = project();
      const at = new Date(NOW.getTime() - age);
      const pkg = lockedAs(server.publish({ name: `aged-${requests}`, version: '1.0.0', at }));
      await asking(host, (registry) => registry.history(pkg));
      server.forgetRequests();
      const later = { ...host, now: new Date(NOW.getTime() + DAY - 1) };
      const told = await asking(later, (registry) => registry.history(pkg));
      assert.equal(told.status, 'told');
      assert.equal(server.requests.length, 0);
      await asking({ ...host, now: new Date(NOW.getTime() + DAY) }, (registry) => registry.history(pkg));
      assert.equal(server.requests.length, requests);
    });
  }

  it('is asked again about a manifest that does not fit the lockfile', async () => {
    const host = project();
    const other = {
      ...lockedAs(published),
      integrity: lockedAs(server.publish({ name: 'x', version: '1.0.0' })).integrity,
    };
    for (const requests of [1, 1]) {
      const stats = await asking(host, async (registry) => {
        // The integrity is present: every published version has one.
        await registry.manifest(other as ReturnType<typeof lockedAs>);
        return registry.stats();
      });
      assert.equal(stats.requests, requests);
    }
  });

  it('need not be there offline, when the cache is warm', async () => {
    const host = project();
    await everything(host);
    server.forgetRequests();
    const { told } = await everything(
      { ...host, now: new Date(NOW.getTime() + 400 * DAY) },
      { offline: true },
    );
    assert.deepEqual(told, ALL_TOLD);
    assert.equal(server.requests.length, 0);
  });

  it('is unavailable offline, when the cache is cold', async () => {
    const told = await asking(project(), (registry) => registry.manifest(lockedAs(published)), {
      offline: true,
    });
    assert.match(
      told.status === 'unavailable' ? told.reason : '',
      /was not asked: offline, and the answer is not in the cache/,
    );
    assert.equal(server.requests.length, 0);
  });

  it('is asked for the rest alone when the cache is preferred', async () => {
    const host = project();
    await asking(host, (registry) => registry.keys(lockedAs(published)));
    server.forgetRequests();
    await everything({ ...host, now: new Date(NOW.getTime() + 400 * DAY) }, { preferOffline: true });
    assert.ok(!server.requests.some(({ route }) => route.kind === 'keys'));
    assert.equal(server.requests.length, 3);
  });

  it('is quoted from the cache when it cannot be reached, and the run says so', async () => {
    const host = project();
    await everything(host);
    server.misbehave({}, { kind: 'reset' });
    const { told, notices } = await everything({ ...host, now: new Date(NOW.getTime() + 2 * DAY) });
    assert.deepEqual(told, ALL_TOLD);
    assert.deepEqual(notices, ['REGISTRY_STALE']);
  });

  it('is asked again about a version that came after the answer in the cache', async () => {
    const host = project();
    await asking(host, (registry) => registry.modified(lockedAs(published)));
    const newer = server.publish({ name: 'lib', version: '1.0.1' });
    server.forgetRequests();
    const told = await asking(host, (registry) => registry.modified(lockedAs(newer)));
    assert.equal(told.status, 'told');
    assert.equal(server.requests.length, 1);
  });

  it('does not believe a cache that somebody else filled', async () => {
    const [host, stranger] = [project(), project()];
    server.misbehave(
      { on: 'manifest' },
      {
        kind: 'edit',
        edit: ({ manifest }) => {
          manifest['scripts'] = {};
        },
      },
    );
    await everything(stranger);
    server.behave();
    const [from, to] = [stranger, host].map(({ env }) => path.join(env['HOME'] ?? '', '.npm'));
    cpSync(from ?? '', to ?? '', { recursive: true });
    server.forgetRequests();
    await everything(host);
    assert.equal(server.requests.length, 4);
  });

  it('does not give one user’s answers to another’s credentials', async () => {
    const host = project();
    await everything(host);
    const line = `npm_config_${server.url.replace('http:', '')}:_authToken`;
    const { stats } = await everything({ ...host, env: { ...host.env, [line]: 'other' } });
    assert.equal(stats.requests, 4);
  });
});

/** The trust root: embedded, refreshed, cached, from a file; and what happens when any of these lies. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { NpmsignError } from '../../lib/errors.ts';
import type { TrustPolicy } from '../../lib/model/policy.ts';
import { EMBEDDED_SEEDS } from '../../lib/sigstore/embedded-root.ts';
import { openTrust, type Trust } from '../../lib/sigstore/trust-root.ts';
import { NOW } from '../support/host.ts';
import { createSigstore } from '../support/sigstore/index.ts';
import { createTufRepository } from '../support/sigstore/tuf.ts';
import { sigstoreTargets, startTufServer, type TufServer } from '../support/sigstore/tuf-server.ts';
import { aTempDirectory } from '../support/temp.ts';

const DAY = 86_400_000;
const sigstore = createSigstore('acme');
const open: TufServer[] = [];
after(() => Promise.all(open.map((server) => server.close())));

type Options = {
  readonly cwd?: string;
  readonly now?: Date;
  readonly offline?: boolean;
  readonly refresh?: TrustPolicy['refresh'];
  readonly trustedRoot?: string;
};

async function aWorld(request: Parameters<typeof startTufServer>[1] = {}) {
  const server = await startTufServer(sigstore, request);
  open.push(server);
  const cwd = aTempDirectory('trust');
  writeFileSync(path.join(cwd, 'root.json'), server.trustedRoot);
  const trust = (options: Options = {}): Promise<Trust> =>
    openTrust({
      policy: {
        root: { kind: 'tuf', url: server.url, root: path.join(cwd, 'root.json') },
        refresh: options.refresh ?? 'daily',
      },
      cwd,
      offline: options.offline ?? false,
      cacheDirectory: path.join(cwd, 'cache'),
      now: options.now ?? NOW,
      download,
    });
  const archive = (): string => {
    const folder = path.join(cwd, 'cache/trust');
    return path.join(folder, readdirSync(folder)[0] ?? '');
  };
  return { server, cwd, trust, archive };
}

async function download(url: string, limit: number): Promise<Uint8Array | undefined> {
  const response = await fetch(url);
  if (response.status === 404) return undefined;
  if (!response.ok) throw new NpmsignErrorForTest(`HTTP ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > limit) throw new NpmsignErrorForTest('too large');
  return bytes;
}
class NpmsignErrorForTest extends Error {}

describe('the embedded trust root', () => {
  it('is used without network and cache, and says how old it is', async () => {
    const trust = await openTrust({
      policy: { root: { kind: 'public-good' }, refresh: 'daily' },
      cwd: aTempDirectory('trust'),
      offline: true,
      now: new Date(Date.parse(EMBEDDED_SEEDS.asOf) + 3.5 * DAY),
      download,
    });
    assert.deepEqual(trust.origin, { root: 'public-good', source: 'embedded', ageDays: 3 });
    assert.deepEqual(trust.notices, []);
    assert.ok(trust.npmKeys.length >= 2, 'it carries the keys of the public npm registry');
  });

  it('says so when it has grown old', async () => {
    const trust = await openTrust({
      policy: { root: { kind: 'public-good' }, refresh: 'never' },
      cwd: aTempDirectory('trust'),
      offline: false,
      now: new Date(Date.parse(EMBEDDED_SEEDS.asOf) + 31 * DAY),
      download,
    });
    assert.deepEqual(
      trust.notices.map(({ code }) => code),
      ['TRUST_ROOT_OLD'],
    );
  });

  it('is dated by the very version of the package that carries it', () => {
    const { version } = createRequire(import.meta.url)('@sigstore/tuf/package.json') as { version: string };
    assert.equal(EMBEDDED_SEEDS.version, version, 'update EMBEDDED_SEEDS.asOf together with the package');
  });

  it('stands in when the refresh fails, with a notice', async () => {
    const trust = await openTrust({
      policy: { root: { kind: 'public-good' }, refresh: 'daily' },
      cwd: aTempDirectory('trust'),
      offline: false,
      now: NOW,
      download: () => Promise.reject(new NpmsignErrorForTest('no route')),
    });
    assert.equal(trust.origin.source, 'embedded');
    assert.equal(trust.notices[0]?.code, 'TRUST_ROOT_NOT_REFRESHED');
    assert.match(trust.notices[0]?.message ?? '', /no route.*embedded one is used/);
  });
});

describe('a TUF repository', () => {
  it('is refreshed once a day, and read from the cache in between', async () => {
    const { server, trust } = await aWorld();
    assert.deepEqual((await trust()).origin, { root: server.url, source: 'refreshed', ageDays: 0 });
    const asked = server.requests.length;
    const again = await trust({ now: new Date(NOW.getTime() + 0.9 * DAY) });
    assert.deepEqual(again.origin, { root: server.url, source: 'cached', ageDays: 0 });
    assert.equal(server.requests.length, asked, 'a second run asks nothing');
    assert.equal((await trust({ now: new Date(NOW.getTime() + DAY) })).origin.source, 'refreshed');
  });

  it('is asked by every run under refresh: always, and by none under refresh: never', async () => {
    const { server, trust } = await aWorld();
    await trust();
    const asked = server.requests.length;
    await trust({ refresh: 'never', now: new Date(NOW.getTime() + 90 * DAY) });
    assert.equal(server.requests.length, asked);
    await trust({ refresh: 'always' });
    assert.ok(server.requests.length > asked);
  });

  it('gives its registry keys along with its trusted root', async () => {
    const { trust } = await aWorld();
    const { npmKeys } = await trust();
    const minted = new Set(sigstore.registryKeys.all.map(({ keyid }) => keyid));
    assert.ok(npmKeys.length > 0);
    assert.ok(npmKeys.every(({ keyid }) => minted.has(keyid)));
  });

  it('may rotate its root', async () => {
    const { server, trust } = await aWorld();
    await trust();
    server.serve(createTufRepository({ targets: sigstoreTargets(sigstore), rootRotations: 3, version: 2 }));
    const later = new Date(NOW.getTime() + 2 * DAY);
    assert.equal((await trust({ now: later })).origin.source, 'refreshed');
    assert.equal(
      (await trust({ now: later, offline: true })).origin.source,
      'cached',
      'and offline verifies all of it',
    );
  });

  it('that goes back in time is refused, and the cached state stays', async () => {
    const { server, trust } = await aWorld({ version: 5 });
    await trust();
    server.serve(createTufRepository({ targets: sigstoreTargets(sigstore), version: 4 }));
    const later = await trust({ now: new Date(NOW.getTime() + 2 * DAY) });
    assert.deepEqual(later.origin, { root: server.url, source: 'cached', ageDays: 2 });
    assert.equal(later.notices[0]?.code, 'TRUST_ROOT_NOT_REFRESHED');
  });

  it('that has expired by the clock of the run is not taken for fresh, and the cached state stays', async () => {
    const expires = '2027-01-01T00:00:00Z';
    const { trust } = await aWorld({ expires: { timestamp: expires, snapshot: expires } });
    assert.equal((await trust({ now: new Date('2026-12-31T23:59:59Z') })).origin.source, 'refreshed');
    const late = await trust({ now: new Date('2027-01-02T00:00:00Z') });
    assert.equal(late.origin.source, 'cached');
    assert.match(
      late.notices[0]?.message ?? '',
      /could not be refreshed \(it has expired.*the cached one is used/,
    );
  });

  it('that was never reached, and is no public one, is an error', async () => {
    const { trust } = await aWorld();
    await assert.rejects(trust({ offline: true }), (error) => {
      assert.ok(error instanceof NpmsignError);
      return error.code === 'TRUST_ROOT_UNAVAILABLE';
    });
  });

  const rotten = [
    ['whose timestamp has expired', { expires: { timestamp: '2020-01-01T00:00:00Z' } }],
    ['whose snapshot has expired', { expires: { snapshot: '2020-01-01T00:00:00Z' } }],
    ['whose targets have expired', { expires: { targets: '2020-01-01T00:00:00Z' } }],
    ['whose root has expired', { expires: { root: '2020-01-01T00:00:00Z' }, rootRotations: 1 }],
  ] as const;
  for (const [name, request] of rotten) {
    it(`${name} is refused`, async () => {
      const { trust } = await aWorld(request);
      await assert.rejects(trust(), { code: 'TRUST_ROOT_UNAVAILABLE' });
    });
  }

  it('signed by somebody else is refused', async () => {
    const { server, trust } = await aWorld();
    server.serve(
      createTufRepository({ name: 'mallory', targets: sigstoreTargets(createSigstore('mallory')) }),
    );
    await assert.rejects(trust(), { code: 'TRUST_ROOT_UNAVAILABLE' });
  });
});

describe('the trust cache', () => {
  const parts = ['timestamp', 'snapshot', 'targets'] as const;
  for (const part of parts) {
    it(`does not accept altered ${part} metadata`, async () => {
      const { trust, archive } = await aWorld();
      await trust();
      poison(archive(), (content) => {
        const bytes = Buffer.from(content[part], 'base64');
        const at = bytes.indexOf('"version":1') + '"version":'.length;
        bytes[at] = '2'.charCodeAt(0);
        return { ...content, [part]: bytes.toString('base64') };
      });
      await assert.rejects(trust({ offline: true }), { code: 'TRUST_ROOT_UNAVAILABLE' });
      const online = await trust();
      assert.equal(online.origin.source, 'refreshed');
      assert.equal(online.notices[0]?.code, 'TRUST_CACHE_REFUSED');
    });
  }

  it('does not accept a trusted root that was put there by somebody else', async () => {
    const { trust, archive } = await aWorld();
    await trust();
    const theirs = JSON.stringify(createSigstore('mallory').trustedRoot());
    poison(archive(), (content) => ({
      ...content,
      files: { ...content.files, 'trusted_root.json': Buffer.from(theirs).toString('base64') },
    }));
    await assert.rejects(trust({ offline: true }), { code: 'TRUST_ROOT_UNAVAILABLE' });
  });

  it('does not accept another repository’s whole chain', async () => {
    const [ours, theirs] = [await aWorld(), await aWorld({ name: 'mallory' })];
    await ours.trust();
    await theirs.trust();
    writeFileSync(ours.archive(), readFileSync(theirs.archive()));
    await assert.rejects(ours.trust({ offline: true }), { code: 'TRUST_ROOT_UNAVAILABLE' });
  });

  for (const [name, text] of [
    ['cut in half', '{"version":1,"refre'],
    ['empty', ''],
    ['null', 'null'],
    ['of a wrong shape', '{"version":1,"refreshedAt":"2026-11-22","roots":5}'],
  ] as const) {
    it(`that is ${name} is like none`, async () => {
      const { trust, archive } = await aWorld();
      await trust();
      writeFileSync(archive(), text);
      await assert.rejects(trust({ offline: true }), { code: 'TRUST_ROOT_UNAVAILABLE' });
      assert.equal((await trust()).origin.source, 'refreshed');
    });
  }

  it('may be missing altogether', async () => {
    const { cwd, trust } = await aWorld();
    assert.equal(existsSync(path.join(cwd, 'cache')), false);
    assert.equal((await trust()).origin.source, 'refreshed');
  });
});

describe('a trusted root from a file', () => {
  it('replaces the policy’s root', async () => {
    const { cwd, server } = await aWorld();
    writeFileSync(path.join(cwd, 'trusted_root.json'), JSON.stringify(sigstore.trustedRoot()));
    const trust = await openTrust({
      policy: { root: { kind: 'tuf', url: server.url, root: 'absent.json' }, refresh: 'always' },
      cwd,
      trustedRoot: 'trusted_root.json',
      offline: false,
      now: NOW,
      download,
    });
    assert.equal(trust.origin.source, 'file');
    assert.equal(server.requests.length, 0, 'nothing is asked');
  });

  for (const [name, text, code] of [
    ['is not there', undefined, 'TRUST_ROOT_UNAVAILABLE'],
    ['is not JSON', '<html>', 'TRUST_ROOT_MALFORMED'],
    ['is no trusted root', '{}', 'TRUST_ROOT_MALFORMED'],
  ] as const) {
    it(`that ${name} is an error, never another root`, async () => {
      const cwd = aTempDirectory('trust');
      if (text !== undefined) writeFileSync(path.join(cwd, 'own.json'), text);
      const policy: TrustPolicy = {
        root: { kind: 'file', path: path.join(cwd, 'own.json') },
        refresh: 'daily',
      };
      await assert.rejects(openTrust({ policy, cwd, offline: false, now: NOW, download }), { code });
    });
  }
});

type Archive = Record<'timestamp' | 'snapshot' | 'targets', string> & { files: Record<string, string> };

function poison(file: string, change: (content: Archive) => unknown): void {
  const content = JSON.parse(readFileSync(file, 'utf8')) as Archive;
  writeFileSync(file, JSON.stringify(change(content)));
}

/** Whatever a registry does, asking it ends, in bounds, with a named reason; and credentials stay where they belong. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Registry } from '../../lib/registry/index.ts';
import {
  type LoopbackRegistry,
  type Misbehaviour,
  type Published,
  startRegistry,
} from '../support/registry/index.ts';
import { aProject, asking, lockedAs } from './world.ts';

const MIB = 1024 * 1024;

describe('a registry that misbehaves', () => {
  let server: LoopbackRegistry;
  let published: Published;
  before(async () => {
    server = await startRegistry();
    published = server.publish({ name: '@acme/lib', version: '1.2.3', attest: {} });
  });
  beforeEach(() => {
    server.behave();
    server.forgetRequests();
  });
  after(() => server.close());

  const project = (...npmrc: string[]) => aProject([`registry=${server.url}`, ...npmrc]);
  const manifestOf = (...npmrc: string[]) =>
    asking(project(...npmrc), (registry) => registry.manifest(lockedAs(published)));

  const cases: readonly (readonly [string, Misbehaviour, RegExp])[] = [
    ['answers 500', { kind: 'status', status: 500 }, /answered 500 \(3 attempts\)/],
    ['answers 503', { kind: 'status', status: 503 }, /answered 503 \(3 attempts\)/],
    ['answers 418', { kind: 'status', status: 418 }, /answered 418\.$/],
    [
      'answers 401',
      { kind: 'status', status: 401 },
      /answered 401: npm's configuration has no credentials.*_authToken/,
    ],
    ['resets the connection', { kind: 'reset' }, /broke off its answer: .*\(3 attempts\)/],
    ['says nothing', { kind: 'silence' }, /(fell silent|did not finish its answer): no answer within 0\.4 s/],
    ['sends half an answer', { kind: 'half' }, /broke off its answer/],
    ['never ends', { kind: 'endless' }, /did not finish its answer/],
    ['sends too much', { kind: 'huge', bytes: 9 * MIB }, /sent more than npmsign accepts/],
    ['sends a gzip bomb', { kind: 'gzip-bomb', bytes: 64 * MIB }, /sent more than npmsign accepts/],
    ['sends half a JSON document', { kind: 'body', body: '{"name":' }, /not valid JSON/],
    ['sends a page', { kind: 'body', body: '<html>', type: 'text/html' }, /not valid JSON/],
    ['sends a list', { kind: 'body', body: '[]' }, /not a JSON object/],
    ['sends bytes that are not UTF-8', { kind: 'body', body: Buffer.from([0x7b, 0xff, 0x7d]) }, /not UTF-8/],
    [
      'redirects to a file',
      { kind: 'redirect', to: 'file:///etc/passwd' },
      /redirected to file:; npmsign does not follow/,
    ],
    ['redirects to a script', { kind: 'redirect', to: 'javascript:alert(1)' }, /redirected to javascript:/],
    ['redirects in circles', { kind: 'redirect', to: '/@acme%2flib/1.2.3' }, /redirected more than 5 times/],
    [
      'sends a million values',
      { kind: 'body', body: `{"a":[${'[],'.repeat(2.5 * MIB)}0]}` },
      /sent more than npmsign accepts/,
    ],
  ];
  for (const [what, how, reason] of cases) {
    it(`is unavailable, with the reason, when it ${what}`, async () => {
      server.misbehave({ on: 'manifest' }, how);
      const told = await manifestOf();
      assert.equal(told.status, 'unavailable');
      assert.match(told.status === 'unavailable' ? told.reason : '', reason);
    });
  }

  it('is believed when it behaves', async () => {
    const told = await manifestOf();
    assert.equal(told.status === 'told' && told.value.integrity, published.manifest.dist.integrity);
  });

  it('is believed under another content type, because JSON is what counts', async () => {
    server.misbehave({ on: 'manifest' }, { kind: 'content-type', type: 'text/plain' });
    assert.equal((await manifestOf()).status, 'told');
  });

  for (const how of [
    { kind: 'status', status: 503 },
    { kind: 'status', status: 429 },
    { kind: 'reset' },
    { kind: 'half' },
  ] as const) {
    it(`is asked again after ${JSON.stringify(how)}, and believed then`, async () => {
      server.misbehave({ on: 'manifest', times: 2 }, how);
      assert.equal((await manifestOf()).status, 'told');
      assert.equal(server.requests.length, 3);
    });
  }

  it('is not asked again after an answer that will not change', async () => {
    server.misbehave({ on: 'manifest' }, { kind: 'status', status: 403 });
    assert.equal((await manifestOf()).status, 'unavailable');
    assert.equal(server.requests.length, 1);
  });

  it('keeps its other answers when one endpoint fails', async () => {
    server.misbehave({ on: 'attestations' }, { kind: 'status', status: 500 });
    const ask = (registry: Registry) =>
      Promise.all([registry.manifest(lockedAs(published)), registry.attestations(lockedAs(published))]);
    const [manifest, attestations] = await asking(project(), ask);
    assert.deepEqual([manifest.status, attestations.status], ['told', 'unavailable']);
  });

  it('has no attestations when it answers 404, which is not the same as failing', async () => {
    server.misbehave({ on: 'attestations' }, { kind: 'status', status: 404 });
    const told = await asking(project(), (registry) => registry.attestations(lockedAs(published)));
    assert.equal(told.status, 'absent');
  });

  it('is unavailable when it answers about another package', async () => {
    server.misbehave(
      { on: 'manifest' },
      {
        kind: 'edit',
        edit: ({ manifest }) => {
          manifest.name = '@acme/lib-evil';
        },
      },
    );
    const told = await manifestOf();
    assert.match(
      told.status === 'unavailable' ? told.reason : '',
      /cannot be believed: asked about @acme\/lib@1.2.3/,
    );
  });

  it('is given up after a few silent requests, so that a thousand packages do not wait one by one', async () => {
    server.misbehave({ on: 'manifest' }, { kind: 'silence' });
    const names = Array.from({ length: 200 }, (_, n) => ({
      ...lockedAs(published),
      id: { name: `p${n}`, version: '1.0.0' },
    }));
    const told = await asking(project('fetch-timeout=100'), (registry) =>
      Promise.all(names.map(registry.manifest)),
    );
    assert.ok(told.every(({ status }) => status === 'unavailable'));
    assert.ok(server.requests.length <= 40, `${server.requests.length} requests`);
  });

  it('is given up at once for everybody when nothing listens', async () => {
    const host = aProject(['registry=http://127.0.0.1:1/']);
    const names = Array.from({ length: 1000 }, (_, n) => ({
      ...lockedAs(published),
      id: { name: `p${n}`, version: '1.0.0' },
    }));
    const { told, requests } = await asking(host, async (registry) => ({
      told: await Promise.all(names.map(registry.manifest)),
      requests: registry.stats().requests,
    }));
    assert.ok(told.every((each) => each.status === 'unavailable' && /cannot be reached/.test(each.reason)));
    assert.ok(requests <= 40, `${requests} requests`);
  });

  it('may send us on to a few other servers, and not to ever more', async () => {
    const reasons = await asking(project(), async (registry) => {
      const told: string[] = [];
      for (let port = 1; port <= 33; port++) {
        const other = server.publish({ name: `other${port}`, version: '1.0.0' });
        server.misbehave({ times: 1 }, { kind: 'redirect', to: `http://127.0.0.1:${port}/` });
        const manifest = await registry.manifest(lockedAs(other));
        told.push(manifest.status === 'unavailable' ? manifest.reason : manifest.status);
      }
      return told;
    });
    const refused = reasons.map((reason) => reason.includes(' redirected to yet another server, after 32 '));
    assert.deepEqual(refused, [...Array(32).fill(false), true]);
  });
});

describe('credentials', () => {
  const token = 'npm_0123456789abcdefghijklmnopqrstuvwxyz';
  const servers: LoopbackRegistry[] = [];
  const start = async (...options: Parameters<typeof startRegistry>) => {
    const server = await startRegistry(...options);
    servers.push(server);
    return server;
  };
  after(() => Promise.all(servers.map((server) => server.close())));

  const sentTo = (server: LoopbackRegistry) => server.requests.map(({ headers }) => headers.authorization);
  const hostOf = ({ url }: LoopbackRegistry) => url.replace('http:', '');

  it('go to their own registry', async () => {
    const server = await start({ token });
    const published = server.publish({ name: 'lib', version: '1.0.0' });
    const host = aProject([`registry=${server.url}`, `${hostOf(server)}:_authToken=${token}`]);
    const told = await asking(host, (registry) => registry.manifest(lockedAs(published)));
    assert.equal(told.status, 'told');
    assert.deepEqual(sentTo(server), [`Bearer ${token}`]);
  });

  it('do not go to a registry beside it, which then says what is missing', async () => {
    const server = await start({ token });
    const published = server.publish({ name: 'lib', version: '1.0.0' });
    const host = aProject([`registry=${server.url}`, `//127.0.0.1:1/:_authToken=${token}`]);
    const told = await asking(host, (registry) => registry.manifest(lockedAs(published)));
    assert.match(
      told.status === 'unavailable' ? told.reason : '',
      /answered 401: npm's configuration has no credentials for it/,
    );
    assert.deepEqual(sentTo(server), [undefined]);
  });

  it('do not follow a redirect to another port, even where that port has credentials of its own', async () => {
    const [own, other] = [await start(), await start()];
    const published = other.publish({ name: 'lib', version: '1.0.0' });
    own.misbehave({}, { kind: 'redirect', to: `${other.url}lib/1.0.0` });
    const host = aProject([
      `registry=${own.url}`,
      `${hostOf(own)}:_authToken=${token}`,
      `${hostOf(other)}:_authToken=other`,
    ]);
    const told = await asking(host, (registry) => registry.manifest(lockedAs(published)));
    assert.equal(told.status, 'told');
    assert.deepEqual([sentTo(own), sentTo(other)], [[`Bearer ${token}`], [undefined]]);
  });

  it('follow a redirect on the same server', async () => {
    const server = await start({ token, prefix: '/npm' });
    const published = server.publish({ name: 'lib', version: '1.0.0' });
    server.misbehave({ times: 1 }, { kind: 'redirect', to: '/npm/lib/1.0.0' });
    const host = aProject([`registry=${server.url}`, `${hostOf(server)}:_authToken=${token}`]);
    const told = await asking(host, (registry) => registry.manifest(lockedAs(published)));
    assert.equal(told.status, 'told');
    assert.deepEqual(sentTo(server), [`Bearer ${token}`, `Bearer ${token}`]);
  });

  it('never appear in a reason, even when they cannot be sent', async () => {
    const server = await start({ token });
    const published = server.publish({ name: 'lib', version: '1.0.0' });
    const env = { [`npm_config_${hostOf(server)}:_authToken`]: `${token}\nx: y` };
    const host = aProject([`registry=${server.url}`], { env });
    const told = await asking(host, (registry) => registry.manifest(lockedAs(published)));
    assert.match(
      told.status === 'unavailable' ? told.reason : '',
      /was not asked: the configured credentials hold characters/,
    );
    assert.ok(!JSON.stringify(told).includes(token));
    assert.equal(server.requests.length, 0);
  });

  it('of one kind each are sent as npm sends them', async () => {
    const server = await start();
    const published = server.publish({ name: 'lib', version: '1.0.0' });
    const basic = Buffer.from('me:secret').toString('base64');
    for (const lines of [
      [`${hostOf(server)}:_auth=${basic}`],
      [
        `${hostOf(server)}:username=me`,
        `${hostOf(server)}:_password=${Buffer.from('secret').toString('base64')}`,
      ],
    ]) {
      server.forgetRequests();
      await asking(aProject([`registry=${server.url}`, ...lines]), (registry) =>
        registry.manifest(lockedAs(published)),
      );
      assert.deepEqual(sentTo(server), [`Basic ${basic}`]);
    }
  });

  it('and scopes choose the registry a scope has', async () => {
    const [common, own] = [await start(), await start({ token })];
    const published = own.publish({ name: '@acme/lib', version: '1.0.0' });
    const host = aProject([
      `registry=${common.url}`,
      `@acme:registry=${own.url}`,
      `${hostOf(own)}:_authToken=${token}`,
    ]);
    const told = await asking(host, (registry) => registry.manifest(lockedAs(published)));
    assert.equal(told.status === 'told' && told.value.registry, own.url);
    assert.equal(common.requests.length, 0);
  });
});

/** A registry that offers HTTP/2 is asked over it, with the same answers and the same care; whatever else it does is an error, never an answer. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { after, describe, it } from 'node:test';
import type { Judgement } from '../attacks/judgement.ts';
import { aCase, aWorld } from '../attacks/world.ts';
import { aPackage } from '../support/builders.ts';
import type { Loopback } from '../support/loopback.ts';
import { type SecureLoopback, serveSecurely, TRUSTING } from '../support/secure-loopback.ts';
import { createSigstore } from '../support/sigstore/index.ts';
import {
  FLAG,
  FRAME,
  field,
  type Manners,
  OK,
  originEntry,
  type Peer,
  setting,
  startFrames,
  uint32,
} from './frames.ts';
import { aProject, asking } from './world.ts';

const BODY = JSON.stringify({
  name: 'lib',
  version: '1.0.0',
  dist: { tarball: 'https://registry.example/x.tgz' },
});
const DATA = Buffer.from(BODY);
const PACKAGE = packageOf('1.0.0');

/** Where an answer comes, a busy machine may take its time. */
const PATIENT = 'fetch-timeout=20000';

const servers: Loopback[] = [];
after(() => Promise.all(servers.map((server) => server.close())));

function packageOf(version: string) {
  return aPackage({ id: { name: 'lib', version }, source: { kind: 'registry' } });
}

async function started<T extends Loopback>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  servers.push(server);
  return server;
}

const projectAt = ({ origin }: Loopback, ...npmrc: string[]) =>
  aProject([`registry=${origin}/`, TRUSTING, ...npmrc]);

const manifestFrom = (server: Loopback, ...npmrc: string[]) =>
  asking(projectAt(server, ...npmrc), (registry) => registry.manifest(PACKAGE));

/** Asks about so many versions at once, and tells how many were told. */
function toldOf(server: Loopback, count: number): Promise<number> {
  return asking(
    projectAt(server, PATIENT),
    async (registry) => {
      const versions = Array.from({ length: count }, (_, index) => packageOf(`1.0.${index}`));
      const told = await Promise.all(versions.map((one) => registry.manifest(one)));
      return told.filter(({ status }) => status === 'told').length;
    },
    { concurrency: 64 },
  );
}

/** The answer to any request: its own version. */
function answerOf(path: string): string {
  return BODY.replace('1.0.0', path.split('/').at(-1) ?? '');
}

/** Serves manifests, and remembers over which protocol it was asked. */
async function aServer(
  speaks: 'h2' | 'http/1.1',
  latencyMs = 0,
): Promise<SecureLoopback & { readonly protocols: Set<string> }> {
  const protocols = new Set<string>();
  const starting = serveSecurely(speaks, (request, response) => {
    protocols.add(request.httpVersion);
    const answer = () => response.writeHead(200, { etag: '"1"' }).end(answerOf(request.url ?? ''));
    if (latencyMs === 0) answer();
    else setTimeout(answer, latencyMs);
  });
  return { ...(await started(starting)), protocols };
}

/** Where it was offered, HTTP/2 is spoken; otherwise every request gets its answer over HTTP/1.1. */
function settleOrAnswer(peer: Peer): void {
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${DATA.length}\r\n\r\n`;
  if (peer.socket.alpnProtocol === 'h2') peer.frame(FRAME.settings, 0, 0);
  else peer.socket.on('data', () => peer.socket.write(`${head}${BODY}`));
}

function answer(peer: Peer, stream: number): void {
  peer.frame(FRAME.headers, FLAG.endHeaders, stream, OK);
  peer.frame(FRAME.data, FLAG.endStream, stream, DATA);
}

function speakFor(peer: Peer, servers: number): void {
  for (let n = 0; n < servers; n++) {
    peer.frame(FRAME.origin, 0, 0, originEntry(`https://${n}.example`));
  }
}

describe('a registry that offers HTTP/2', () => {
  it('is asked over it, on one connection', async () => {
    const server = await aServer('h2');
    assert.equal(await toldOf(server, 20), 20);
    assert.deepEqual([[...server.protocols], server.connections()], [['2.0'], 1]);
  });

  it('is asked on two connections when there is much to ask, and never more', async () => {
    const server = await aServer('h2', 5);
    assert.equal(await toldOf(server, 400), 400);
    assert.equal(server.connections(), 2);
  });

  it('is asked over HTTP/1.1 where it offers only that, beginning with the connection that showed it', async () => {
    const server = await aServer('http/1.1');
    assert.equal((await manifestFrom(server, PATIENT)).status, 'told');
    assert.deepEqual([[...server.protocols], server.connections()], [['1.1'], 1]);
  });

  it('is asked again on the same connection over HTTP/1.1, too', async () => {
    const server = await aServer('http/1.1');
    await asking(projectAt(server, PATIENT), async (registry) => {
      for (let n = 0; n < 5; n++)
        assert.equal((await registry.manifest(packageOf(`1.0.${n}`))).status, 'told');
    });
    assert.equal(server.connections(), 1);
  });

  it('is refused when nobody vouches for it', async () => {
    const server = await aServer('h2');
    const host = aProject([`registry=${server.origin}/`]);
    const told = await asking(host, (registry) => registry.manifest(PACKAGE));
    assert.match(
      told.status === 'unavailable' ? told.reason : '',
      /cannot be reached: \w*(SELF_SIGNED|UNABLE_TO_VERIFY)/,
    );
    assert.equal(server.protocols.size, 0);
  });

  it('hears the credentials configured for it', async () => {
    const heard: unknown[] = [];
    const server = await started(
      serveSecurely('h2', ({ headers }, response) => {
        heard.push(headers.authorization, headers['user-agent']);
        response.end(BODY);
      }),
    );
    const { host } = new URL(server.origin);
    assert.equal((await manifestFrom(server, `//${host}/:_authToken=secret`, PATIENT)).status, 'told');
    assert.deepEqual(heard, ['Bearer secret', 'npmsign']);
  });

  it('is not asked with credentials no header can carry', async () => {
    const server = await aServer('h2');
    const { host } = new URL(server.origin);
    const told = await manifestFrom(server, `//${host}/:_authToken="a\\u0007b"`);
    assert.match(told.status === 'unavailable' ? told.reason : '', /hold characters no header may have/);
    assert.equal(server.protocols.size, 0);
  });
});

describe('a server that speaks HTTP/2 frame by frame', () => {
  const cases: readonly (readonly [string, Manners, RegExp])[] = [
    [
      'speaks something else',
      { onOpen: ({ socket }) => socket.write('HTTP/1.1 200 OK\r\n\r\n{}') },
      /broke off/,
    ],
    ['says nothing at all', { onOpen: ({ socket }) => socket.pause() }, /fell silent|did not finish/],
    ['hangs up at once', { onOpen: ({ socket }) => socket.destroy() }, /broke off|cannot be reached/],
    [
      'takes no requests',
      { onOpen: (peer) => peer.frame(FRAME.settings, 0, 0, setting(3, 0)) },
      /fell silent|did not finish/,
    ],
    ['never answers', {}, /fell silent|did not finish/],
    [
      'floods with settings',
      {
        onOpen: (peer) =>
          peer.forever(() => {
            for (let i = 0; i < 100; i++) peer.frame(FRAME.settings, 0, 0);
          }),
      },
      /broke off|fell silent|did not finish/,
    ],
    [
      'floods with pings',
      {
        onRequest: (peer) =>
          peer.forever(() => {
            for (let i = 0; i < 100; i++) peer.frame(FRAME.ping, 0, 0, Buffer.alloc(8));
          }),
      },
      /broke off|fell silent|did not finish/,
    ],
    [
      'sends headers without an end',
      {
        onRequest(peer, stream) {
          peer.frame(FRAME.headers, 0, stream, OK);
          peer.forever(() => peer.frame(FRAME.continuation, 0, stream, field('x', 'y'.repeat(8000))));
        },
      },
      /broke off|fell silent|did not finish/,
    ],
    [
      'sends a head that is too long',
      {
        onRequest(peer, stream) {
          const long = Buffer.concat([OK, field('x-a', 'y'.repeat(12_000))]);
          peer.frame(FRAME.headers, 0, stream, long);
          peer.frame(FRAME.continuation, FLAG.endHeaders, stream, field('x-b', 'y'.repeat(12_000)));
          peer.frame(FRAME.data, FLAG.endStream, stream, DATA);
        },
      },
      /broke off/,
    ],
    [
      'sends too many headers',
      {
        onRequest(peer, stream) {
          const many = Array.from({ length: 400 }, (_, index) => field(`x${index}`, 'y'));
          peer.frame(FRAME.headers, FLAG.endHeaders, stream, Buffer.concat([OK, ...many]));
          peer.frame(FRAME.data, FLAG.endStream, stream, DATA);
        },
      },
      /broke off/,
    ],
    [
      'answers without a status',
      {
        onRequest(peer, stream) {
          peer.frame(FRAME.headers, FLAG.endHeaders, stream, field('etag', '"1"'));
          peer.frame(FRAME.data, FLAG.endStream, stream, DATA);
        },
      },
      /broke off/,
    ],
    [
      'says "soon" for ever',
      {
        onRequest: (peer, stream) =>
          peer.forever(() => peer.frame(FRAME.headers, FLAG.endHeaders, stream, field(':status', '103'))),
      },
      /broke off its answer: it sent head after head/,
    ],
    [
      'names one more server than it may that it speaks for',
      { onRequest: (peer) => speakFor(peer, 101) },
      /broke off/,
    ],
    [
      'pushes what nobody asked for',
      {
        onRequest: (peer, stream) =>
          peer.frame(FRAME.push, FLAG.endHeaders, stream, Buffer.concat([uint32(2), OK])),
      },
      /broke off|fell silent|did not finish/,
    ],
    ...[0, 2, 7, 8].map((code): readonly [string, Manners, RegExp] => [
      `resets its whole answer before the end, with code ${code}`,
      {
        onRequest(peer, stream) {
          peer.frame(FRAME.headers, FLAG.endHeaders, stream, OK);
          peer.frame(FRAME.data, 0, stream, DATA);
          peer.frame(FRAME.reset, 0, stream, uint32(code));
        },
      },
      /broke off/,
    ]),
    [
      'resets before it answers',
      { onRequest: (peer, stream) => peer.frame(FRAME.reset, 0, stream, uint32(0)) },
      /broke off/,
    ],
    [
      'hangs up before the end of its answer',
      {
        onRequest(peer, stream) {
          peer.frame(FRAME.headers, FLAG.endHeaders, stream, OK);
          peer.frame(FRAME.data, 0, stream, DATA);
          peer.socket.end();
        },
      },
      /broke off/,
    ],
    [
      'announces more than it sends',
      {
        onRequest(peer, stream) {
          const head = Buffer.concat([OK, field('content-length', String(DATA.length + 1))]);
          peer.frame(FRAME.headers, FLAG.endHeaders, stream, head);
          peer.frame(FRAME.data, FLAG.endStream, stream, DATA);
        },
      },
      /broke off/,
    ],
    [
      'goes away with an error',
      { onRequest: (peer) => peer.frame(FRAME.goaway, 0, 0, uint32(0, 11)) },
      /broke off/,
    ],
    [
      'goes away each time it is asked',
      { onRequest: (peer) => peer.frame(FRAME.goaway, 0, 0, uint32(0, 0)) },
      /broke off/,
    ],
  ];
  for (const [what, manners, reason] of cases) {
    it(`is unavailable, with the reason, when it ${what}`, async () => {
      const told = await manifestFrom(await started(startFrames(manners)));
      assert.equal(told.status, 'unavailable');
      assert.match(told.status === 'unavailable' ? told.reason : '', reason);
    });
  }

  const accepted: readonly (readonly [string, Manners])[] = [
    ['answers', { onRequest: answer }],
    [
      'gives its answer in parts, with trailers',
      {
        onRequest(peer, stream) {
          for (let n = 0; n < 16; n++)
            peer.frame(FRAME.headers, FLAG.endHeaders, stream, field(':status', '103'));
          peer.frame(FRAME.headers, FLAG.endHeaders, stream, OK);
          for (const byte of DATA) peer.frame(FRAME.data, 0, stream, Buffer.from([byte]));
          peer.frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, stream, field('x-trailer', 'y'));
        },
      },
    ],
    [
      'speaks for a hundred other servers',
      {
        onRequest(peer, stream) {
          speakFor(peer, 100);
          answer(peer, stream);
        },
      },
    ],
    [
      'answers what it refused once',
      {
        onRequest: (peer, stream, nth) =>
          nth === 1 ? peer.frame(FRAME.reset, 0, stream, uint32(7)) : answer(peer, stream),
      },
    ],
    [
      'goes away once, and answers on another connection',
      {
        onRequest: (peer, stream, nth) =>
          nth === 1 ? peer.frame(FRAME.goaway, 0, 0, uint32(0, 0)) : answer(peer, stream),
      },
    ],
    [
      'wants to be asked over HTTP/1.1',
      {
        onOpen: settleOrAnswer,
        onRequest: (peer, stream) => peer.frame(FRAME.reset, 0, stream, uint32(13)),
      },
    ],
  ];
  for (const [what, manners] of accepted) {
    it(`is believed when it ${what}`, async () => {
      const told = await manifestFrom(await started(startFrames(manners)), PATIENT);
      assert.equal(told.status, 'told', JSON.stringify(told));
    });
  }

  it('is believed when it falls silent once, and answers on another connection', async () => {
    const server = await started(
      startFrames({ onRequest: (peer, stream, nth) => (nth === 1 ? undefined : answer(peer, stream)) }),
    );
    const told = await manifestFrom(server, 'fetch-timeout=1000');
    assert.deepEqual([told.status, server.connections()], ['told', 2], JSON.stringify(told));
  });

  it('loses no request when a connection with many of them ends', async () => {
    const server = await started(
      startFrames({
        onRequest: (peer, stream, nth) =>
          nth <= 40 ? nth === 40 && peer.socket.destroy() : answer(peer, stream),
      }),
    );
    assert.equal(await toldSame(server, 60), 60);
  });

  it('is asked over HTTP/1.1 once it has ended sixteen connections', async () => {
    const spoken: number[] = [];
    const server = await started(
      startFrames({
        onOpen(peer) {
          spoken.push(peer.socket.alpnProtocol === 'h2' ? 2 : 1);
          settleOrAnswer(peer);
        },
        onRequest(peer, stream) {
          answer(peer, stream);
          peer.frame(FRAME.goaway, 0, 0, uint32(stream, 0));
        },
      }),
    );
    assert.equal(await toldSame(server, 20, 1), 20);
    assert.deepEqual(spoken, [...Array(16).fill(2), 1]);
  });

  it('is not waited for longer than for an answer when it says again and again that it takes no requests', {
    timeout: 20_000,
  }, async () => {
    const refuse = (peer: Peer) => peer.frame(FRAME.settings, 0, 0, setting(3, 0));
    const server = await started(
      startFrames({
        onOpen(peer) {
          refuse(peer);
          peer.forever(() => refuse(peer));
        },
      }),
    );
    const told = await manifestFrom(server);
    assert.match(told.status === 'unavailable' ? told.reason : told.status, /fell silent/);
  });

  it('that takes one request at a time gets them one after the other', async () => {
    const server = await started(
      startFrames({
        onOpen: (peer) => peer.frame(FRAME.settings, 0, 0, setting(3, 1)),
        onRequest: (peer, stream) => void setImmediate(() => answer(peer, stream)),
      }),
    );
    assert.equal(await toldSame(server, 60), 60);
    assert.ok(server.connections() <= 2);
  });
});

describe('a whole project', () => {
  const sigstore = createSigstore();

  /** Judges five packages of a world, three of them attested, over TLS; all that is said about them, and how it was asked. */
  async function judged(speaks: 'h2' | 'http/1.1') {
    const front: { server?: SecureLoopback } = {};
    const listen = async (listener: RequestListener) => {
      front.server = await serveSecurely(speaks, listener);
      return front.server;
    };
    const world = await aWorld({ sigstore, listen });
    const packages = ['a', 'b', 'c', 'd', 'e'].map((name, index) =>
      world.registry.publish({ name, version: '1.0.0', ...(index < 3 ? { attest: {} } : {}) }),
    );
    const verdict = await aCase(world, { packages, npmrc: [TRUSTING] }).judge();
    await world.close();
    return {
      said: saidIn(verdict),
      requests: world.registry.requests.map(({ path }) => path).sort(),
      protocols: new Set(world.registry.requests.map(({ headers }) => ':authority' in headers)),
      connections: front.server?.connections() ?? 0,
    };
  }

  it('gets the same report over HTTP/2 as over HTTP/1.1, for the same requests, on two connections at most', async () => {
    const [one, two] = [await judged('http/1.1'), await judged('h2')];
    assert.deepEqual(two.said, one.said);
    assert.deepEqual(two.requests, one.requests);
    assert.deepEqual([...one.protocols, ...two.protocols], [false, true]);
    assert.equal(one.said.code, 0);
    assert.ok(two.connections <= 2);
  });

  it('is unverified, not passed, when the registry speaks HTTP/2 wrongly', async () => {
    const world = await aWorld({
      sigstore,
      listen: () =>
        startFrames({ onRequest: (peer, stream) => peer.frame(FRAME.reset, 0, stream, uint32(0)) }),
    });
    const published = world.registry.publish({ name: 'a', version: '1.0.0', attest: {} });
    const verdict = await aCase(world, { packages: [published], npmrc: [TRUSTING] }).judge();
    await world.close();
    assert.deepEqual([verdict.code, verdict.effect], [3, 'unverified']);
  });
});

function saidIn({ code, effect, report }: Judgement) {
  const { summary, verdicts } = report();
  const outcomes = verdicts.map(({ package: { name }, effect: of, outcomes: all }) => ({
    ...{ name, of },
    all: all.map(({ check, answer: given, effect: came }) => [check, given, came]),
  }));
  return { code, effect, summary, outcomes };
}

/** Asks for the same from so many places at once. */
function toldSame(server: Loopback, count: number, concurrency = 64): Promise<number> {
  return asking(
    projectAt(server, PATIENT),
    async ({ download }) => {
      const asked = Array.from({ length: count }, (_, index) => download(`${server.origin}/${index}`, 1000));
      const bodies = await Promise.allSettled(asked);
      return bodies.filter(
        (body) => body.status === 'fulfilled' && Buffer.from(body.value ?? []).equals(DATA),
      ).length;
    },
    { concurrency },
  );
}

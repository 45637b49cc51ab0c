/** One exchange over HTTP/1.1 is given up for the reason that holds, on a new connection as on one that was used before. */
import assert from 'node:assert/strict';
import { Agent, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { addressOf, fetchOnce } from '../../lib/registry/exchange.ts';
import { type Loopback, listenOnLoopback } from '../support/loopback.ts';

const IDLE = 1_000;

describe('an exchange', { concurrency: true }, () => {
  let server: Loopback;
  const connections = new Map<unknown, Set<Socket>>();
  before(async () => {
    server = await listenOnLoopback(({ url = '', headers, socket }, response) => {
      const { asker } = headers;
      connections.set(asker, (connections.get(asker) ?? new Set()).add(socket));
      const answer = ANSWERS.get(url);
      if (answer === undefined) response.end('{}');
      else answer(response);
    });
  });
  after(() => server.close());

  const cases = [
    ['is answered when pieces come one by one, longer than silence may last', '/slowly', 'answered'],
    ['is silent when the next piece does not come', '/half', 'silent'],
    ['is silent when not even a head comes', '/nothing', 'silent'],
    ['is slow when pieces come without end', '/endless', 'slow'],
  ] as const;
  for (const [what, path, kind] of cases) {
    it(`${what}, over a new connection`, async () => {
      const ask = createAsker(server, `new ${path}`);
      assert.equal((await ask(path)).kind, kind);
    });

    it(`${what}, over a connection that was used before`, async () => {
      const ask = createAsker(server, `used ${path}`);
      assert.equal((await ask('/')).kind, 'answered');
      assert.equal((await ask(path)).kind, kind);
      assert.equal(connections.get(`used ${path}`)?.size, 1);
    });
  }
});

/** Asks one after another, over a connection of its own. */
function createAsker({ origin }: Loopback, asker: string) {
  const url = new URL(origin);
  const pool = { agent: new Agent({ keepAlive: true, maxSockets: 1 }), ...addressOf(url), tls: {} };
  const common = { body: undefined, headers: { asker }, limit: 1024 };
  const times = { connect: IDLE, idle: IDLE, total: 3 * IDLE };
  return (path: string) => fetchOnce({ ...common, times, url: new URL(path, url) }, pool);
}

type Answer = (response: ServerResponse) => void;

const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['/slowly', (response) => send(response, { pieces: 6 })],
  ['/endless', (response) => send(response, { pieces: 100 })],
  ['/half', (response) => void response.write('{')],
  ['/nothing', () => undefined],
]);

/** A piece every quarter of the longest silence. */
function send(response: ServerResponse, { pieces }: { readonly pieces: number }): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write('.');
    sent++;
    if (sent === pieces) response.end();
  }, IDLE / 4);
  response.on('close', () => clearInterval(timer));
}

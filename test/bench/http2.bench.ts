/**
 * Would HTTP/2 help? Fetches all answers of a world over TLS and unzips them, nothing more, by HTTP/1.1 and by HTTP/2, each in a process of
 * its own: `node --import tsx test/bench/http2.bench.ts [packages] [rounds]`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { keyPairOf } from '../support/sigstore/index.ts';
import {
  ownKeyId,
  SIGNS_DATA,
  serialOf,
  signedCertificate,
  tbsCertificate,
} from '../support/sigstore/x509.ts';
import { medianOf } from './line.ts';
import { lockfileOf } from './lockfile.ts';
import { answersIn, worldOf } from './world.ts';

type Way = { readonly protocol: 'h1' | 'h2'; readonly connections: number };
type Task = Way & { readonly port: number; readonly certificate: string; readonly paths: readonly string[] };
type Done = { readonly ms: number; readonly cpuMs: number; readonly bytes: number };

const WAYS: readonly Way[] = [
  { protocol: 'h1', connections: 64 },
  { protocol: 'h1', connections: 128 },
  { protocol: 'h2', connections: 1 },
  { protocol: 'h2', connections: 2 },
  { protocol: 'h2', connections: 4 },
];

/** So many answers are awaited at once over HTTP/2, whatever the connections. */
const STREAMS = 256;

const [role = '1150', rounds = '5'] = process.argv.slice(2);
if (role === 'serve') await serve();
else if (role === 'fetch') process.once('message', (task: Task) => void fetchAll(task));
else await main(Number(role), Number(rounds));

async function main(packages: number, count: number): Promise<void> {
  const { dir } = worldOf((await lockfileOf(packages)).lockfile);
  const paths = answersIn(dir).map(({ path }) => path.replace(/^\/(@[^/]+)\//, '/$1%2f'));
  const server = start('serve', [dir]);
  const [{ port, certificate }] = (await once(server, 'message')) as [{ port: number; certificate: string }];
  for (const latencyMs of [0, 20]) {
    server.send({ latencyMs });
    const known = new Map<Way, Done[]>(WAYS.map((way) => [way, []]));
    for (let round = 0; round < count; round++) {
      for (const [way, done] of known) done.push(await fetchedBy({ ...way, port, certificate, paths }));
    }
    for (const [{ protocol, connections }, done] of known) {
      const [ms, cpuMs] = [medianOf(done.map((one) => one.ms)), medianOf(done.map((one) => one.cpuMs))];
      const spread = `${Math.min(...done.map((one) => one.ms)).toFixed(0)}–${Math.max(...done.map((one) => one.ms)).toFixed(0)}`;
      const what = `${paths.length} answers, ${latencyMs} ms away, ${protocol === 'h1' ? 'HTTP/1.1' : 'HTTP/2'} over ${connections}`;
      console.log(
        `${what.padEnd(50)} ${ms.toFixed(0).padStart(6)} ms (${spread})  processor ${cpuMs.toFixed(0)} ms`,
      );
    }
  }
  server.disconnect();
}

function start(as: 'serve' | 'fetch', args: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [as, ...args], { execArgv: ['--import', 'tsx'] });
}

async function fetchedBy(task: Task): Promise<Done> {
  const child = start('fetch');
  child.send(task);
  const [done] = (await once(child, 'message')) as [Done];
  await once(child, 'exit');
  return done;
}

async function serve(): Promise<void> {
  const state = { latencyMs: 0 };
  const bodies = new Map(
    answersIn(process.argv[3] ?? '').map(({ path, gzip }) => [path, Buffer.from(gzip, 'base64')]),
  );
  const { key, certificate } = selfSigned();
  const server = http2.createSecureServer(
    { key, cert: certificate, allowHTTP1: true },
    (request, response) => {
      const body = bodies.get(decodeURIComponent(request.url)) ?? Buffer.alloc(0);
      const answer = () => {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length });
        response.end(body);
      };
      if (state.latencyMs === 0) answer();
      else setTimeout(answer, state.latencyMs);
    },
  );
  server.listen(0, '127.0.0.1', () => {
    // A listening TCP server has an address with a port.
    process.send?.({ port: (server.address() as AddressInfo).port, certificate });
  });
  process.on('message', (order: { latencyMs: number }) => Object.assign(state, order));
  process.once('disconnect', () => process.exit());
}

function selfSigned(): { readonly key: string; readonly certificate: string } {
  const { publicKey, privateKey } = keyPairOf('bench server');
  const name = { organization: 'bench.example', commonName: 'bench' };
  const tbs = tbsCertificate({
    ...{ serial: serialOf('bench'), issuer: name, subject: name, publicKey },
    ...{ notBefore: new Date('2021-01-01T00:00:00Z'), notAfter: new Date('2041-01-01T00:00:00Z') },
    extensions: [SIGNS_DATA, ownKeyId(publicKey)],
  });
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: new X509Certificate(signedCertificate(tbs, privateKey)).toString(),
  };
}

async function fetchAll(task: Task): Promise<void> {
  const before = process.cpuUsage();
  const from = performance.now();
  const { ask, close, atOnce } = task.protocol === 'h1' ? byHttp1(task) : byHttp2(task);
  const queue = task.paths.values();
  let bytes = 0;
  const worker = async () => {
    for (const path of queue) bytes += gunzipSync(await ask(path)).length;
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  close();
  const { user, system } = process.cpuUsage(before);
  const done: Done = { ms: performance.now() - from, cpuMs: (user + system) / 1000, bytes };
  process.send?.(done, () => process.disconnect());
}

type Client = {
  readonly ask: (path: string) => Promise<Buffer>;
  readonly close: () => void;
  readonly atOnce: number;
};

function byHttp1({ port, certificate, connections }: Task): Client {
  const agent = new https.Agent({ keepAlive: true, maxSockets: connections, scheduling: 'lifo' });
  const common = { agent, port, host: '127.0.0.1', ca: certificate, checkServerIdentity: () => undefined };
  const headers = { 'accept-encoding': 'gzip' };
  const ask = (path: string) =>
    new Promise<Buffer>((resolve, reject) => {
      https.get({ ...common, path, headers }, (response) => resolve(bodyOf(response))).once('error', reject);
    });
  return { ask, close: () => agent.destroy(), atOnce: connections };
}

function byHttp2({ port, certificate, connections }: Task): Client {
  const options = {
    ca: certificate,
    checkServerIdentity: () => undefined,
    settings: { initialWindowSize: 2 ** 20 },
  };
  const sessions = Array.from({ length: connections }, () =>
    http2.connect(`https://127.0.0.1:${port}`, options),
  );
  let next = 0;
  const ask = async (path: string) => {
    const session = sessions[next++ % sessions.length];
    if (session === undefined) throw new Error('There is no connection.');
    return bodyOf(session.request({ ':path': path, 'accept-encoding': 'gzip' }));
  };
  const close = () => {
    for (const session of sessions) session.close();
  };
  return { ask, close, atOnce: STREAMS };
}

async function bodyOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The way to one server: over HTTP/2 where it is offered, otherwise over a pool of connections, through a proxy where one is configured. */
import { lookup as askResolver, type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent, type AgentOptions } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type TLSSocket } from 'node:tls';

import { RegistryError } from '../errors.ts';
import { readSmallFile } from '../state/index.ts';
import type { Credentials } from './credentials.ts';
import { addressOf, type Exchange, fetchOnce, type Pool, type Sent } from './exchange.ts';
import { createGate, type Gate } from './gate.ts';
import { fetchOver } from './http2.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { negotiate } from './negotiate.ts';
import type { NpmConfig } from './npm-config.ts';
import { type Conduct, newConduct } from './patience.ts';
import { createProxyAgent } from './proxy.ts';

/** One server (scheme, host and port), as one set of credentials sees it. */
export type Origin = {
  /** One request, over what the server speaks. Never throws: every outcome is a case of `Exchange`. */
  readonly send: (sent: Sent) => Promise<Exchange>;
  /** Runs at most `concurrency` of these at a time. */
  readonly admit: Gate;
  /** How it behaved on this kind of question so far. */
  readonly conductOn: (kind: string) => Conduct;
  readonly close: () => void;
};

/** Opens the way to a server; no connection yet. Throws `RegistryError` when the proxy or the client certificate cannot be used. */
export type Opener = (url: URL, credentials: Credentials) => Promise<Origin>;

/** One for a whole run: a name is looked up once. */
export function createOpener(config: NpmConfig, concurrency: number): Opener {
  const surroundings = { config, concurrency, lookup: createLookup() };
  return (url, credentials) => openOrigin(surroundings, url, credentials);
}

type Surroundings = { readonly config: NpmConfig; readonly concurrency: number; readonly lookup: Lookup };

async function openOrigin(
  { config, concurrency, lookup }: Surroundings,
  url: URL,
  credentials: Credentials,
): Promise<Origin> {
  const authority = { rejectUnauthorized: config.strictSsl, ...authorityOf(config) };
  const proxy = config.proxyFor(url);
  const identity = proxy === undefined ? {} : identityOf(url);
  const tls: ConnectionOptions = { ...authority, ...identity, ...readCertificate(credentials) };
  const pool: AgentOptions = {
    keepAlive: true,
    maxSockets: concurrency,
    maxFreeSockets: concurrency,
    scheduling: 'lifo',
  };
  // The options are what a proxy speaking https is held to. Our client certificate is not for it.
  const options = { ...pool, ...authority, lookup };
  const conducts = new Map<string, Conduct>();
  const conductOn = (kind: string): Conduct => {
    const conduct = conducts.get(kind) ?? newConduct();
    conducts.set(kind, conduct);
    return conduct;
  };
  const wires =
    proxy === undefined && url.protocol === 'https:'
      ? openWires(url, { agent: new TlsAgent(options), tls: { ...tls, lookup } })
      : openPool({ agent: await createAgent(url, { options, proxy }), ...addressOf(url), tls });
  return { ...wires, admit: createGate(concurrency), conductOn };
}

type Wires = Pick<Origin, 'send' | 'close'>;

function openPool(pool: Pool): Wires {
  return { send: (sent) => fetchOnce(sent, pool), close: () => pool.agent.destroy() };
}

type Encrypted = { readonly agent: TlsAgent; readonly tls: ConnectionOptions };

/** HTTP/2 where the server offers it; the pool where it does not. */
function openWires(url: URL, { agent, tls }: Encrypted): Wires {
  const pool = openPool({ agent, ...addressOf(url), tls });
  const lanes = createLanes({
    url,
    connect: (within, onSocket) => negotiate({ url, tls, within, onSocket }),
    onHttp1: (socket) => handOver(agent, socket),
  });
  return {
    send: (sent) => sendOver(lanes, pool, sent),
    close() {
      lanes.close();
      pool.close();
    },
  };
}

async function sendOver(lanes: Lanes, pool: Wires, sent: Sent): Promise<Exchange> {
  const way = await lanes.way(sent.times);
  if (way.kind === 'http1') return pool.send(sent);
  if (way.kind !== 'http2') return way;
  try {
    return await fetchOver(way, sent);
  } finally {
    way.leave();
  }
}

/** The agent's next connection is this one, which is open already. */
function handOver(agent: TlsAgent, socket: TLSSocket): void {
  const { createConnection } = agent;
  agent.createConnection = (options, callback) => {
    agent.createConnection = createConnection;
    return socket.destroyed ? createConnection.call(agent, options, callback) : socket;
  };
}

type Connection = { readonly options: AgentOptions & ConnectionOptions; readonly proxy: string | undefined };

async function createAgent(url: URL, { options, proxy }: Connection): Promise<Agent> {
  return proxy === undefined ? new Agent(options) : createProxyAgent(proxy, url, options);
}

/**
 * Written out where it must be: a tunnel to an address would otherwise be checked against the name `localhost`. From Node 24 on, a connection
 * that is checked in a way of one's own is used once.
 */
function identityOf(url: URL): ConnectionOptions {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(hostname) === 0) return {};
  return { checkServerIdentity: (_, certificate) => checkServerIdentity(hostname, certificate) };
}

function authorityOf(config: NpmConfig): ConnectionOptions {
  return config.ca === undefined ? {} : { ca: [...config.ca] };
}

function readCertificate({ certificate }: Credentials): ConnectionOptions {
  if (certificate === undefined) return {};
  const [cert, key] = [certificate.certfile, certificate.keyfile].map((path) =>
    readSmallFile(path, 1024 * 1024),
  );
  for (const file of [cert, key]) {
    if (file?.status === 'unavailable') {
      throw new RegistryError('REGISTRY_REFUSED', `The client certificate file ${file.reason}.`);
    }
  }
  return cert?.status === 'told' && key?.status === 'told' ? { cert: cert.value, key: key.value } : {};
}

type Lookup = NonNullable<ConnectionOptions['lookup']>;

/**
 * Asks the resolver once per name, however many connections open at the same time. The system's resolver has four threads;
 * without a network, sixty-four questions would keep the process alive for minutes.
 */
function createLookup(): Lookup {
  const known = new Map<string, Promise<LookupAddress[]>>();
  return (hostname, options, callback) => {
    const key = `${hostname} ${options.family ?? 0} ${options.hints ?? 0}`;
    const asked = known.get(key) ?? addressesOf(hostname, options);
    known.set(key, asked);
    asked.then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true || first === undefined) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => {
        known.delete(key);
        callback(error, []);
      },
    );
  };
}

function addressesOf(hostname: string, options: LookupOptions): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    askResolver(hostname, { ...options, all: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });
}

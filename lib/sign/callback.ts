/** Waits on loopback for a browser that comes back from signing in (RFC 8252, section 7.3). */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SigningError } from '../errors.ts';

/** A page on this machine that the sign-in leads back to. */
export type Callback = {
  /** What the identity provider is told to send the browser to. */
  readonly url: string;
  /** The address the browser came back with. Rejects with `SigningError` `NO_IDENTITY_TOKEN` when none comes in time. */
  readonly arrived: Promise<URL>;
  readonly close: () => void;
};

const PATH = '/auth/callback';
const PATIENCE = 5 * 60_000;

/** Opens it on any free port. Only an address with the expected state counts: anybody on this machine can call. */
export async function openCallback(state: string): Promise<Callback> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;
  const base = `http://localhost:${port}`;
  const limit = new AbortController();
  const arrived = new Promise<URL>((resolve, reject) => {
    server.on('request', ({ url = '' }, response) => {
      const address = URL.canParse(url, base) ? new URL(url, base) : undefined;
      const isOurs = address?.pathname === PATH && address.searchParams.get('state') === state;
      answer(response, isOurs ? 'You are signed in. This page can be closed.' : undefined);
      if (isOurs && address !== undefined) resolve(address);
    });
    limit.signal.addEventListener('abort', () => reject(tooLate()));
  });
  // Whoever awaits it sees the rejection; a run that ended before does not care.
  arrived.catch(() => undefined);
  const timer = setTimeout(() => limit.abort(), PATIENCE);
  return {
    url: `${base}${PATH}`,
    arrived,
    close() {
      clearTimeout(timer);
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(response: ServerResponse, text: string | undefined): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
  response.writeHead(text === undefined ? 404 : 200, headers).end(text ?? 'There is nothing here.');
}

function tooLate(): SigningError {
  return new SigningError('NO_IDENTITY_TOKEN', 'Nobody signed in within five minutes.', {
    hint: 'Run it again, and finish signing in on the page it opens.',
  });
}

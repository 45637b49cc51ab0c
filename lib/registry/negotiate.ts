/** Opens a connection on which the server says which HTTP it speaks (RFC 7301). */
import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

import { codeOf } from '../state/index.ts';
import { overdue } from './clock.ts';
import type { Unanswered } from './exchange.ts';

/** A connection that is ready, or why there is none. */
export type Connected = { readonly kind: 'connected'; readonly socket: TLSSocket } | Unanswered;

/** Where to, and until when. */
export type Negotiation = {
  readonly url: URL;
  readonly tls: ConnectionOptions;
  /** Milliseconds. */
  readonly within: number;
  /** Called before anything is sent. */
  readonly onSocket: (socket: TLSSocket) => void;
};

/** Never throws. */
export function negotiate({ url, tls, within, onSocket }: Negotiation): Promise<Connected> {
  return new Promise((resolve) => {
    const opened = open(url, tls);
    if (opened.kind !== 'connected') {
      resolve(opened);
      return;
    }
    const { socket } = opened;
    onSocket(socket);
    const timer = setTimeout(() => settle(overdue('unconnected', within)), within);
    const settle = (connected: Connected): void => {
      clearTimeout(timer);
      resolve(connected);
      if (connected.kind !== 'connected') socket.destroy();
    };
    socket.once('secureConnect', () => settle({ kind: 'connected', socket }));
    // Stays for good: between this and whoever takes the connection over nobody else listens.
    socket.on('error', (error) => settle({ kind: 'refused', why: codeOf(error) }));
    socket.once('close', () => settle({ kind: 'refused', why: 'the connection was closed' }));
  });
}

function open(url: URL, tls: ConnectionOptions): Connected {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const options: ConnectionOptions = {
    ...tls,
    host,
    port: url.port === '' ? 443 : Number(url.port),
    // An address is no name to ask for (RFC 6066, section 3).
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['h2', 'http/1.1'],
  };
  try {
    const socket = connect(options);
    socket.setNoDelay();
    return { kind: 'connected', socket };
  } catch (error) {
    // A client certificate that does not fit its key.
    return { kind: 'refused', why: codeOf(error) };
  }
}

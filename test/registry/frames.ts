/** A server that speaks HTTP/2 frame by frame (RFC 9113), so that it can speak it wrongly. */
import { createServer, type TLSSocket } from 'node:tls';
import { LOOPBACK_IDENTITY, listenSecurely, type SecureLoopback } from '../support/secure-loopback.ts';

/** Types of frames (RFC 9113, section 6; RFC 8336). */
export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  continuation: 9,
  origin: 12,
} as const;

/** Flags of frames. */
export const FLAG = { endStream: 1, endHeaders: 4 } as const;

/** One connection, as the server sees it. */
export type Peer = {
  readonly socket: TLSSocket;
  readonly frame: (type: number, flags: number, stream: number, payload?: Uint8Array) => void;
  /** Repeats until the client has gone. */
  readonly forever: (act: () => void) => void;
};

/** What the server does. */
export type Manners = {
  /** When the connection is there; sends empty settings unless said otherwise. */
  readonly onOpen?: (peer: Peer) => void;
  /** For each request, counted over all connections from one. */
  readonly onRequest?: (peer: Peer, stream: number, nth: number) => void;
};

/** Starts it. */
export function startFrames({ onOpen = settle, onRequest }: Manners): Promise<SecureLoopback> {
  const count = { requests: 0 };
  const server = createServer({ ...LOOPBACK_IDENTITY, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    socket.setNoDelay();
    socket.on('error', () => socket.destroy());
    const peer = peerOn(socket);
    onOpen(peer);
    readFrames(socket, (type, flags, stream) => {
      if (type === FRAME.settings && flags === 0) peer.frame(FRAME.settings, 1, 0);
      if (type === FRAME.headers) onRequest?.(peer, stream, ++count.requests);
    });
  });
  return listenSecurely(server);
}

/** A field of a header in HPACK: a literal, never indexed (RFC 7541, section 6.2.3). */
export function field(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0x10]), text(name), text(value)]);
}

/** `:status: 200` (RFC 7541, appendix A). */
export const OK = Buffer.from([0x88]);

/** The name of a server, as an ORIGIN frame lists it. */
export function originEntry(name: string): Buffer {
  return Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name, 'latin1')]);
}

/** A number in four bytes. */
export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

/** One setting. */
export function setting(id: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([0, id]), uint32(value)]);
}

function settle(peer: Peer): void {
  peer.frame(FRAME.settings, 0, 0);
}

// RFC 7541, section 5.1: lengths from 127 on take further bytes.
function text(value: string): Buffer {
  const head: number[] = [Math.min(value.length, 127)];
  let left = value.length - 127;
  for (; left >= 128; left = Math.floor(left / 128)) head.push((left % 128) | 128);
  if (value.length >= 127) head.push(left);
  return Buffer.concat([Buffer.from(head), Buffer.from(value, 'latin1')]);
}

function peerOn(socket: TLSSocket): Peer {
  return {
    socket,
    frame(type, flags, stream, payload = Buffer.alloc(0)) {
      const head = Buffer.alloc(9);
      head.writeUIntBE(payload.length, 0, 3);
      head.writeUInt8(type, 3);
      head.writeUInt8(flags, 4);
      head.writeUInt32BE(stream, 5);
      if (!socket.destroyed) socket.write(Buffer.concat([head, payload]));
    },
    forever(act) {
      const timer = setInterval(act, 2);
      socket.once('close', () => clearInterval(timer));
    },
  };
}

// RFC 9113, section 3.4.
const PREFACE = 24;

function readFrames(socket: TLSSocket, onFrame: (type: number, flags: number, stream: number) => void): void {
  let rest = Buffer.alloc(0);
  let skip = PREFACE;
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < skip + 9) return;
      const head = rest.subarray(skip, skip + 9);
      const length = head.readUIntBE(0, 3);
      if (rest.length < skip + 9 + length) return;
      rest = rest.subarray(skip + 9 + length);
      skip = 0;
      onFrame(head.readUInt8(3), head.readUInt8(4), head.readUInt32BE(5));
    }
  });
}

/** Keeps the HTTP/2 sessions to one server, if that is what it speaks. */
import type { ClientHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';

import { overdue } from './clock.ts';
import type { Times, Unanswered } from './exchange.ts';
import { type Carrier, LONGEST_HEAD } from './http2.ts';
import type { Connected } from './negotiate.ts';
import { openSession } from './session.ts';

/** How a request is to go. */
export type Way =
  | { readonly kind: 'http1' }
  /** `leave` when the answer is there. */
  | (Carrier & { readonly kind: 'http2'; readonly leave: () => void })
  | Unanswered;

/** The ways to one server. */
export type Lanes = {
  /** The first to ask opens a connection; the others wait until it has told what the server speaks. Never throws. */
  readonly way: (times: Times) => Promise<Way>;
  /** Ends all of them, at once. */
  readonly close: () => void;
};

/** What lanes are made of. */
export type LanesRequest = {
  readonly url: URL;
  readonly connect: (within: number, onSocket: (socket: TLSSocket) => void) => Promise<Connected>;
  /** Gets the connection on which the server turned out to speak HTTP/1.1. */
  readonly onHttp1: (socket: TLSSocket) => void;
};

/** Sessions to one server. */
const MOST_SESSIONS = 2;
/** Sessions to one server in a run, ended ones counted: what is left of each stays (see `openSession`). From there on it is asked over HTTP/1.1. */
const MOST_OPENED = 16;
/** Other servers that one may say it speaks for; later releases of Node have a limit of their own, a little above. */
const MOST_NAMES = 100;
/** So many answers awaited on one are a reason for the other. */
const LOADED = 32;

const STREAM_WINDOW = 1024 * 1024;
const CONNECTION_WINDOW = 4 * 1024 * 1024;

type Lane = { readonly session: ClientHttp2Session; awaited: number };

type Waiter = { readonly timer: NodeJS.Timeout; readonly wake: () => void };

type State = LanesRequest & {
  readonly lanes: Set<Lane>;
  readonly sockets: Set<TLSSocket>;
  readonly waiting: Set<Waiter>;
  opening: Promise<Opened> | undefined;
  opened: number;
  /** Most requests at a time on one session, as the server has it. */
  room: number;
  isHttp1: boolean;
  /** A second session was not to be had. */
  isAlone: boolean;
  isClosed: boolean;
};

/** Opens nothing yet. */
export function createLanes(request: LanesRequest): Lanes {
  const state: State = {
    ...request,
    ...{ lanes: new Set(), sockets: new Set(), waiting: new Set(), opening: undefined, opened: 0 },
    ...{ room: Number.POSITIVE_INFINITY, isHttp1: false, isAlone: false, isClosed: false },
  };
  return {
    way: (times) => wayOf(state, times),
    close() {
      state.isClosed = true;
      for (const { session } of state.lanes) session.destroy();
      for (const socket of state.sockets) socket.destroy();
      wakeAll(state);
    },
  };
}

async function wayOf(state: State, times: Times): Promise<Way> {
  let since: number | undefined;
  for (;;) {
    if (state.isClosed) return CLOSED;
    const open = openLanes(state);
    const isSpent = state.opened >= MOST_OPENED;
    if (state.isHttp1 || (isSpent && open.length === 0)) return { kind: 'http1' };
    const free = open.filter(({ awaited }) => awaited < state.room).sort(byLoad)[0];
    const mayGrow = open.length === 0 || (open.length < MOST_SESSIONS && !state.isAlone && !isSpent);
    if (free !== undefined) {
      if (mayGrow && free.awaited >= LOADED) void openOnce(state, times);
      return entered(state, free);
    }
    if (mayGrow) {
      const opened = await openOnce(state, times);
      // One that ended at once is entered all the same, and found to be broken: that is an attempt, and they are counted.
      if (opened.kind === 'lane' && isOver(opened.lane)) return entered(state, opened.lane);
      if (opened.kind !== 'lane' && openLanes(state).length === 0) return opened;
    } else {
      // A server can say again and again that it takes nothing.
      since ??= performance.now();
      if (performance.now() - since >= times.total) return overdue('silent', times.total);
      if (!(await roomIn(state, times.idle))) return overdue('silent', times.idle);
    }
  }
}

const CLOSED: Way = { kind: 'refused', why: 'the connection was closed' };

function isOver({ session }: Lane): boolean {
  return session.closed || session.destroyed;
}

function openLanes({ lanes }: State): Lane[] {
  return [...lanes].filter((lane) => !isOver(lane));
}

function byLoad(one: Lane, other: Lane): number {
  return one.awaited - other.awaited;
}

function entered(state: State, lane: Lane): Way {
  lane.awaited++;
  const leave = (): void => {
    lane.awaited--;
    const [next, ...others] = state.waiting;
    // Something moves: nobody in the queue waits for a server that is silent.
    for (const { timer } of others) timer.refresh();
    next?.wake();
  };
  const fallBack = (): void => {
    state.isHttp1 = true;
  };
  return { kind: 'http2', session: lane.session, fallBack, leave };
}

/** `false` when nothing moved for so many milliseconds. */
function roomIn({ waiting }: State, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (hasRoom: boolean): void => {
      clearTimeout(waiter.timer);
      waiting.delete(waiter);
      resolve(hasRoom);
    };
    const waiter: Waiter = { timer: setTimeout(() => end(false), patience), wake: () => end(true) };
    waiting.add(waiter);
  });
}

function wakeAll({ waiting }: State): void {
  for (const { wake } of [...waiting]) wake();
}

type Opened = { readonly kind: 'lane'; readonly lane: Lane } | { readonly kind: 'http1' } | Unanswered;

function openOnce(state: State, times: Times): Promise<Opened> {
  state.opening ??= open(state, times).finally(() => {
    state.opening = undefined;
  });
  return state.opening;
}

async function open(state: State, times: Times): Promise<Opened> {
  const isSecond = openLanes(state).length > 0;
  const connected = await state.connect(times.connect, (socket) => {
    state.sockets.add(socket);
    socket.once('close', () => state.sockets.delete(socket));
  });
  if (connected.kind === 'connected' && connected.socket.alpnProtocol === 'h2') {
    return openLane(state, connected.socket);
  }
  state.isAlone = isSecond;
  if (connected.kind !== 'connected') return connected;
  if (isSecond) {
    connected.socket.destroy();
  } else {
    state.isHttp1 = true;
    state.onHttp1(connected.socket);
  }
  return { kind: 'http1' };
}

async function openLane(state: State, socket: TLSSocket): Promise<Opened> {
  // Loaded only for a server that speaks it: most runs ask nobody, or a server that does not.
  const http2 = await import('node:http2');
  if (socket.destroyed) return { kind: 'broken', why: 'the connection was closed' };
  state.opened++;
  const session = openSession(http2, state.url.origin, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW, maxHeaderListSize: LONGEST_HEAD },
    maxReservedRemoteStreams: 0,
  });
  session.setLocalWindowSize(CONNECTION_WINDOW);
  // Requests have timers, which keep the process as long as somebody waits.
  session.unref();
  return { kind: 'lane', lane: watched(state, { session, awaited: 0 }) };
}

function watched(state: State, lane: Lane): Lane {
  const { session } = lane;
  state.lanes.add(lane);
  session.on('remoteSettings', ({ maxConcurrentStreams = Number.POSITIVE_INFINITY }) => {
    state.room = maxConcurrentStreams;
    wakeAll(state);
  });
  // Nothing is taken that was not asked for, even before the server has read that.
  session.on('stream', (pushed) => {
    pushed.on('error', () => session.destroy());
    session.destroy();
  });
  // Node keeps every name, for as long as the server goes on (RFC 8336).
  const said = { names: 0 };
  session.on('origin', (names) => {
    said.names += names.length;
    if (said.names > MOST_NAMES) session.destroy();
  });
  // What ends a session ends its requests, and each of them tells its asker why.
  session.on('error', () => state.lanes.delete(lane));
  session.once('close', () => {
    state.lanes.delete(lane);
    wakeAll(state);
  });
  return lane;
}

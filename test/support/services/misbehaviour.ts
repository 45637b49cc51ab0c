/** How a loopback service goes wrong. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';

/** One way to go wrong. `lie` means something to the service alone; see its file. */
export type Trouble =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection breaks without an answer. */
  | { readonly kind: 'reset' }
  /** No answer, ever. */
  | { readonly kind: 'silent' }
  /** A good answer, late. */
  | { readonly kind: 'late'; readonly ms: number }
  /** 200 and something that is no answer. */
  | { readonly kind: 'garbage'; readonly body?: string }
  /** The status of a good answer, and this done to its body. */
  | { readonly kind: 'edit'; readonly edit: (body: Buffer) => Buffer | string }
  | { readonly kind: 'lie'; readonly lie: string };

/** What a service would answer. */
export type Answer = {
  readonly status: number;
  readonly body: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One request a service was sent. */
export type Received = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

/** A service: what it answers, told which lie to tell, if any. */
export type Service = (request: Received, lie: string | undefined) => Answer;

/** A service that can be told to go wrong, with a record of what it was sent. */
export type Stage = {
  readonly received: Received[];
  /** Milliseconds from the beginning of each request to the end of its answer, all together. */
  readonly spent: () => number;
  /** Goes wrong that many times, or from now on. */
  readonly fail: (trouble: Trouble, times?: number) => void;
  readonly behave: () => void;
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void;
};

/** Puts a service on a stage. */
export function stageFor(service: Service): Stage {
  const state: { trouble?: Trouble; left: number; spent: number } = { left: 0, spent: 0 };
  const received: Received[] = [];
  const taken = (): Trouble | undefined => {
    if (state.left <= 0) return undefined;
    state.left--;
    return state.trouble;
  };
  return {
    received,
    spent: () => state.spent,
    fail(trouble, times = Number.POSITIVE_INFINITY) {
      state.trouble = trouble;
      state.left = times;
    },
    behave() {
      state.left = 0;
    },
    listener(request, response) {
      const start = performance.now();
      response.once('finish', () => {
        state.spent += performance.now() - start;
      });
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        const message = { method, path, headers, body: Buffer.concat(chunks) };
        received.push(message);
        perform(response, { trouble: taken(), answer: (lie) => service(message, lie) });
      });
    },
  };
}

type Performance = {
  readonly trouble: Trouble | undefined;
  readonly answer: (lie?: string) => Answer;
};

function perform(response: ServerResponse, { trouble, answer }: Performance): void {
  switch (trouble?.kind) {
    case undefined:
      send(response, answer());
      break;
    case 'status':
      send(response, { body: '', ...trouble });
      break;
    case 'reset':
      response.socket?.destroy();
      break;
    case 'silent':
      break;
    case 'late':
      setTimeout(() => send(response, answer()), trouble.ms);
      break;
    case 'garbage':
      send(response, { status: 200, body: trouble.body ?? '<html>It works!</html>' });
      break;
    case 'edit': {
      const good = answer();
      send(response, { ...good, body: trouble.edit(Buffer.from(good.body)) });
      break;
    }
    case 'lie':
      send(response, answer(trouble.lie));
  }
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, headers).end(body);
}

/** An answer in JSON. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } };
}

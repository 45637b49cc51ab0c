/** What this room uses of Verdaccio 6 and of the Express inside it, and nothing more. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Host } from '../model/host.ts';

/** A server runs for months: what time it is, is asked anew each time. */
export type ServerHost = Omit<Host, 'now'> & { readonly clock: () => Date };

/** A request; Verdaccio has found out who sends it. */
export type Request = IncomingMessage & {
  /** Without the query, still escaped. */
  readonly path: string;
  readonly remote_user?: unknown;
  /** What the body says, once somebody has read it. */
  body?: unknown;
  /** Read, so that Express does not try again (body-parser). */
  _body?: boolean;
};

/** A response. */
export type Response = ServerResponse & {
  send: (body: unknown) => unknown;
  readonly status: (code: number) => Response;
  readonly json: (body: unknown) => unknown;
};

/** Hands on to the next part of the server; with an error, to the one that answers it. */
export type Next = (error?: unknown) => void;

/** One part of the server. */
export type Handler = (request: Request, response: Response, next: Next) => void;

/** The server. */
export type App = { readonly use: (handler: Handler) => unknown };

type Permission = (
  about: { readonly packageName: string },
  user: unknown,
  done: (error: unknown, allowed?: boolean) => void,
) => void;

/** Who may do what. */
export type Auth = { readonly allow_access: Permission; readonly allow_publish: Permission };

/** What lies in the storage, and what is fetched into it. */
export type Storage = {
  /** From the storage; what is proxied, from elsewhere. */
  readonly getTarball: (name: string, file: string) => Readable;
  readonly localStorage: {
    readonly getPackageMetadata: (name: string, done: (error: unknown, stored?: unknown) => void) => void;
  };
};

/** Where the server writes down what it does. */
export type Logger = {
  readonly info: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly error: (text: string) => void;
};

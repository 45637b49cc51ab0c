/** The ways a loopback registry can misbehave, each for some packages and some questions only. */
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Route, RouteKind } from './routes.ts';
import { type Published, tarballFileOf } from './store.ts';

/** What a registry does instead of answering well. */
export type Misbehaviour =
  /** An error status, with a JSON body. */
  | { readonly kind: 'status'; readonly status: number }
  /** The connection is reset before a byte is sent. */
  | { readonly kind: 'reset' }
  /** Takes the question and never says anything. */
  | { readonly kind: 'silence' }
  /** Announces the whole answer and cuts the connection in its middle. */
  | { readonly kind: 'half' }
  /** Sends white space for ever, a little at a time. */
  | { readonly kind: 'endless' }
  /** Sends that many bytes of white space before the answer. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** A small gzip answer that unpacks to that many bytes. */
  | { readonly kind: 'gzip-bomb'; readonly bytes: number }
  /** Redirects (302) to any URL, `file:` included. */
  | { readonly kind: 'redirect'; readonly to: string }
  /** The right body under a wrong content type. */
  | { readonly kind: 'content-type'; readonly type: string }
  /** Any body with status 200, such as `{"name":` or HTML. */
  | { readonly kind: 'body'; readonly body: string | Uint8Array; readonly type?: string }
  /** Answers well, later. */
  | { readonly kind: 'late'; readonly ms: number }
  /** Answers with what it would have said, altered. */
  | { readonly kind: 'edit'; readonly edit: (published: Published) => void };

/** Which requests a misbehaviour is for; every request it does not exclude. */
export type Scope = {
  readonly on?: RouteKind | readonly RouteKind[];
  readonly name?: string;
  readonly version?: string;
  /** Only the first so many matching requests. */
  readonly times?: number;
};

/** A scope and what happens there. */
export type Rule = { readonly scope: Scope; readonly how: Misbehaviour; left: number };

/** Does the rule speak about this request? A packument is about all versions. */
export function concerns({ scope, left }: Rule, route: Route): boolean {
  const kinds = scope.on === undefined ? undefined : [scope.on].flat();
  if (left <= 0 || (kinds !== undefined && !kinds.some((kind) => kind === route.kind))) return false;
  if (scope.name !== undefined && (!('name' in route) || route.name !== scope.name)) return false;
  if (scope.version === undefined || route.kind === 'packument') return true;
  if (route.kind === 'tarball')
    return route.file === tarballFileOf({ name: route.name, version: scope.version });
  return 'version' in route && route.version === scope.version;
}

/** Does the scope cover this version? */
export function concernsVersion(scope: Scope, { name, version }: Published): boolean {
  return (scope.name ?? name) === name && (scope.version ?? version) === version;
}

/** An answer, before a misbehaviour gets at it. */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

const JSON_TYPE = { 'content-type': 'application/json' };
const SPACES = Buffer.alloc(64 * 1024, ' ');

/** Misbehaves. `false` when the ordinary answer is still to be sent. */
export function misbehave(how: Misbehaviour, reply: Reply, response: ServerResponse): boolean {
  switch (how.kind) {
    case 'edit':
    case 'late':
      return false;
    case 'status':
      response.writeHead(how.status, JSON_TYPE).end(JSON.stringify({ error: `status ${how.status}` }));
      return true;
    case 'reset':
      response.socket?.resetAndDestroy();
      return true;
    case 'silence':
      return true;
    case 'half':
      sendHalf(reply, response);
      return true;
    case 'endless':
      response.writeHead(200, JSON_TYPE);
      sendForever(response);
      return true;
    case 'huge':
      response.writeHead(200, JSON_TYPE);
      sendSpaces(response, how.bytes, reply.body);
      return true;
    case 'gzip-bomb':
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipOfSpaces(how.bytes));
      return true;
    case 'redirect':
      response.writeHead(302, { location: how.to }).end();
      return true;
    case 'content-type':
      response.writeHead(reply.status, { ...reply.headers, 'content-type': how.type }).end(reply.body);
      return true;
    case 'body':
      response.writeHead(200, { 'content-type': how.type ?? 'application/json' }).end(how.body);
      return true;
  }
}

function sendHalf({ status, headers, body }: Reply, response: ServerResponse): void {
  response.writeHead(status, { ...headers, 'content-length': String(Math.max(2, body.length)) });
  const half = body.subarray(0, Math.ceil(body.length / 2));
  response.write(half, () => response.socket?.destroy());
}

function sendForever(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 20);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}

function sendSpaces(response: ServerResponse, bytes: number, rest: Buffer): void {
  let left = bytes;
  const send = () => {
    while (left > 0 && !response.destroyed) {
      const chunk = SPACES.subarray(0, Math.min(left, SPACES.length));
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', send);
        return;
      }
    }
    response.end(rest);
  };
  send();
}

// A gzip stream may have many members (RFC 1952, 2.2): a bomb of any size without the memory for it.
function gzipOfSpaces(bytes: number): Buffer {
  const piece = 16 * 1024 * 1024;
  const member = gzipSync(Buffer.alloc(Math.min(bytes, piece), ' '), { level: 9 });
  return Buffer.concat(Array.from({ length: Math.ceil(bytes / piece) }, () => member));
}

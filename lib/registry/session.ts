/** Opens HTTP/2 sessions that Node does not collect as garbage. */
import { createHook } from 'node:async_hooks';
import type { ClientHttp2Session, ClientSessionOptions } from 'node:http2';

/**
 * What Node holds of a session beside its JavaScript object. A server that breaks off inside a head leaves a stream that still holds
 * memory of its session's when both have ended; collecting the session first makes every supported Node abort the process with an
 * assertion (`Http2Session::~Http2Session`, `current_nghttp2_memory_ == 0`). So none of them is collected before the process ends.
 * Whoever opens sessions bounds their number: some 40 KiB stay of each.
 */
const kept: object[] = [];

/** As `connect` of `node:http2`, over a socket that is connected: the session's native half is there at once, and kept. */
export function openSession(
  { connect }: typeof import('node:http2'),
  origin: string,
  options: ClientSessionOptions,
): ClientHttp2Session {
  const keeper = createHook({
    init(_, type, __, resource) {
      if (type === 'HTTP2SESSION') kept.push(resource);
    },
  });
  keeper.enable();
  try {
    return connect(origin, options);
  } finally {
    keeper.disable();
  }
}

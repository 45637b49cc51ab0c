/** Collects the body of an answer, within its limit. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

import type { Exchange } from './exchange.ts';

/** An answer whose head has arrived. */
export type Head = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Most bytes of a successful body, as they come over the wire. */
  readonly limit: number;
  /** Is a body of so many bytes, now that it has ended, all of it? */
  readonly isWhole: (size: number) => boolean;
  /** Told of every piece. */
  readonly tick: () => void;
  readonly settle: (exchange: Exchange) => void;
};

// An error page is only read to keep the connection usable.
const ERROR_PAGE = 64 * 1024;

/** Settles with the whole answer, or with what it lacks; a body that grows too long is read no further. Errors of the stream are the caller's. */
export function receive(body: Readable, { status, headers, limit, isWhole, tick, settle }: Head): void {
  const isWanted = status >= 200 && status < 300;
  const pieces = createPieces();
  let size = 0;
  const answered = (bytes: Buffer): void => settle({ kind: 'answered', status, headers, bytes });
  body.on('data', (chunk: Buffer) => {
    tick();
    size += chunk.length;
    if (size <= (isWanted ? limit : ERROR_PAGE)) {
      pieces.add(chunk);
      return;
    }
    if (isWanted) settle({ kind: 'tooLarge' });
    else answered(Buffer.alloc(0));
    body.destroy();
  });
  body.on('end', () => {
    if (isWhole(size)) answered(pieces.whole());
    else settle({ kind: 'broken', why: 'the answer was cut off' });
  });
}

// Each piece is held with all that was read from the wire together with it: a server can send single bytes, and much beside them.
const MOST_LOOSE = 128;

type Pieces = { readonly add: (piece: Buffer) => void; readonly whole: () => Buffer };

function createPieces(): Pieces {
  const joined: Buffer[] = [];
  const loose: Buffer[] = [];
  return {
    add(piece) {
      if (loose.push(piece) === MOST_LOOSE) joined.push(Buffer.concat(loose.splice(0)));
    },
    whole: () => wholeOf([...joined, ...loose]),
  };
}

/** Most answers come in one piece. */
function wholeOf(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

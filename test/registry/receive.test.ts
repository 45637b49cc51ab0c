/** The body of an answer takes no more memory than its bytes, however small the pieces in which it comes. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Exchange } from '../../lib/registry/exchange.ts';
import { receive } from '../../lib/registry/receive.ts';

const PIECES = 500_000;

/** Bytes on the heap that somebody still needs. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

describe('a body that comes byte by byte', () => {
  it('is held in few pieces, and is whole in the end', () => {
    const exchanges: Exchange[] = [];
    const body = new Readable({ read: () => undefined });
    receive(body, {
      ...{ status: 200, headers: {}, limit: PIECES, isWhole: (size) => size === PIECES },
      ...{ tick: () => undefined, settle: (exchange) => void exchanges.push(exchange) },
    });
    const bytes = Buffer.from('0123456789');
    const before = heapInUse();
    for (let at = 0; at < PIECES; at++) body.emit('data', bytes.subarray(at % 10, (at % 10) + 1));
    assert.ok(heapInUse() - before < 16 * 1024 * 1024);
    body.emit('end');
    const [answered] = exchanges;
    assert.equal(
      answered?.kind === 'answered' && answered.bytes.equals(Buffer.from('0123456789'.repeat(PIECES / 10))),
      true,
    );
  });
});

/** Trying again is bounded, and takes the same time every time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange } from '../../lib/registry/exchange.ts';
import { isGivenUp, newConduct, pauseAfter } from '../../lib/registry/patience.ts';

const PATIENCE = { retries: 2, backOff: 100, total: 1000 };
const answered = (status: number, headers = {}): Exchange => ({
  kind: 'answered',
  status,
  headers,
  bytes: Buffer.alloc(0),
});
const trouble = (
  kind: 'refused' | 'unconnected' | 'broken' | 'silent' | 'slow' | 'unsendable',
): Exchange => ({
  kind,
  why: 'x',
});

describe('pauseAfter', () => {
  const cases: readonly (readonly [string, Exchange, number, number | undefined])[] = [
    ['an answer', answered(200), 0, undefined],
    ['a refusal', answered(403), 0, undefined],
    ['a server error', answered(503), 0, 100],
    ['a second server error', answered(503), 1, 200],
    ['a third server error', answered(503), 2, undefined],
    ['too many requests', answered(429), 0, 100],
    ['a server that timed out', answered(408), 0, 100],
    ['no connection', trouble('refused'), 0, 100],
    ['a lost connection', trouble('broken'), 1, 200],
    ['silence', trouble('silent'), 0, 100],
    ['silence again', trouble('silent'), 1, undefined],
    ['an answer without end', trouble('slow'), 0, undefined],
    ['an address that never answered', trouble('unconnected'), 0, undefined],
    ['too large an answer', { kind: 'tooLarge' }, 0, undefined],
    ['what cannot be sent', trouble('unsendable'), 0, undefined],
  ];
  for (const [what, exchange, attempt, pause] of cases) {
    it(`${pause === undefined ? 'gives up' : `waits ${pause} ms`} after ${what}`, () => {
      assert.equal(pauseAfter(exchange, { conduct: newConduct(), attempt, patience: PATIENCE }), pause);
    });
  }

  const pauses = [
    ['2', 2_000],
    ['999999', 10_000],
    ['-1', 0],
    ['Wed, 21 Oct 2099 07:28:00 GMT', 0],
    ['9'.repeat(30), 0],
  ] as const;
  for (const [header, most] of pauses) {
    it(`keeps a pause of ${most} ms when the server asks for ${header}`, () => {
      const conduct = newConduct();
      const start = performance.now();
      pauseAfter(answered(429, { 'retry-after': header }), { conduct, attempt: 0, patience: PATIENCE });
      assert.ok(conduct.notBefore <= performance.now() + most);
      assert.ok(most === 0 ? conduct.notBefore === 0 : conduct.notBefore >= start + most);
    });
  }

  it('gives up on a server that lost three requests in a row', () => {
    const conduct = { ...newConduct(), lost: 3 };
    assert.ok(isGivenUp(conduct));
    assert.equal(pauseAfter(trouble('refused'), { conduct, attempt: 0, patience: PATIENCE }), undefined);
    assert.ok(!isGivenUp({ ...conduct, lost: 2 }));
  });
});

/** Tests of what a terminal is given. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWatched, wantsColor } from '../../lib/cli/terminal.ts';

const TERMINAL = { isTTY: true };
const PIPE = {};

describe('colour', () => {
  const cases = [
    ['is on at a terminal', {}, TERMINAL, true],
    ['is off in a pipe', {}, PIPE, false],
    ['is off under NO_COLOR', { NO_COLOR: '1' }, TERMINAL, false],
    ['is on under an empty NO_COLOR', { NO_COLOR: '' }, TERMINAL, true],
    ['is on in a pipe under FORCE_COLOR', { FORCE_COLOR: '1' }, PIPE, true],
    ['is on in a pipe under an empty FORCE_COLOR', { FORCE_COLOR: '' }, PIPE, true],
    ['is off at a terminal under FORCE_COLOR=0', { FORCE_COLOR: '0' }, TERMINAL, false],
    ['follows FORCE_COLOR where NO_COLOR is set too', { FORCE_COLOR: '1', NO_COLOR: '1' }, PIPE, true],
    ['is off at a dumb terminal', { TERM: 'dumb' }, TERMINAL, false],
  ] as const;
  for (const [name, env, stream, expected] of cases) {
    it(name, () => assert.equal(wantsColor(env, stream), expected));
  }
});

describe('progress', () => {
  const cases = [
    ['is shown at a terminal', {}, TERMINAL, true],
    ['is not shown in a pipe', {}, PIPE, false],
    ['is not shown in CI', { CI: 'true' }, TERMINAL, false],
    ['is shown where CI is false', { CI: 'false' }, TERMINAL, true],
    ['is shown at a terminal of one column', {}, { isTTY: true, columns: 1 }, true],
    ['is not shown at a terminal without columns', {}, { isTTY: true, columns: 0 }, false],
    ['is not shown at a dumb terminal', { TERM: 'dumb' }, TERMINAL, false],
  ] as const;
  for (const [name, env, stream, expected] of cases) {
    it(name, () => assert.equal(isWatched(env, stream), expected));
  }
});

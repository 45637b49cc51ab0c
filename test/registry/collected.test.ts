/** No answer over HTTP/2 makes Node abort the process when it collects its garbage. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const COLLECTING = fileURLToPath(new URL('collecting.ts', import.meta.url));

describe('a session over HTTP/2 that ended badly', { concurrency: true }, () => {
  const answers = [
    'half a head, then another frame',
    'half a head, then the end',
    'a head without an end',
    'too many headers',
  ];
  for (const answer of answers) {
    it(`costs nobody the process when the server sent ${answer}`, async () => {
      assert.deepEqual(await toldBy(answer, 3), Array(3).fill('unavailable'));
    });
  }

  for (const seed of ['1', '2']) {
    it(`costs nobody the process when the server sent frames at random (${seed})`, async () => {
      assert.deepEqual(await toldBy(seed, 10), Array(10).fill('unavailable'));
    });
  }
});

async function toldBy(answer: string, rounds: number): Promise<readonly string[]> {
  const args = ['--expose-gc', '--import', 'tsx', COLLECTING, answer, String(rounds)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout.trim().split(' ');
}

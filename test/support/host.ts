/** A `Host` that touches nothing: fixed clock, empty environment, captured output. */
import type { Host } from '../../lib/model/host.ts';
import { aTempDirectory } from './temp.ts';

/** The moment every test takes place, unless it says otherwise. */
export const NOW = new Date('2026-11-22T12:00:00Z');

/** A `Host` that remembers what was written to it. */
export type FakeHost = Host & {
  /** All that was written through `out` so far. */
  readonly stdout: () => string;
  /** All that was written through `err` so far. */
  readonly stderr: () => string;
};

/**
 * A host at {@link NOW} with an empty environment, no terminal and no colour. `cwd` is a fresh temporary directory unless given.
 * Output is captured; an `out` or `err` of the caller's own is called as well.
 */
export function aHost(overrides: Partial<Host> = {}): FakeHost {
  const written = { out: '', err: '' };
  return {
    env: {},
    now: NOW,
    interactive: false,
    color: false,
    execPath: process.execPath,
    platform: process.platform,
    ...overrides,
    cwd: overrides.cwd ?? aTempDirectory('project'),
    out(text) {
      written.out += text;
      overrides.out?.(text);
    },
    err(text) {
      written.err += text;
      overrides.err?.(text);
    },
    stdout: () => written.out,
    stderr: () => written.err,
  };
}

/** npm's `postpack` where there is something to sign: all that signs, which a dry run never loads. */
import process from 'node:process';
import { main } from '../lib/cli/main.ts';
import type { Host } from '../lib/model/host.ts';

/** Resolves to the exit code of `npmsign sign`. */
export function signPacked(host: Host): Promise<number> {
  return main(['sign', ...process.argv.slice(2)], host);
}

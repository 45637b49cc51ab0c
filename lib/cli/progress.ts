/** Shows on a terminal how far a run is, with counts. */
import type { Progress } from '../index.ts';
import type { Host } from '../model/host.ts';
import { wantsColor } from './terminal.ts';

/** A line that moves. `stop` takes it away. */
export type ProgressLine = {
  readonly show: (progress: Progress) => void;
  readonly stop: () => void;
};

/** Opens the line, on stderr, only where a person watches; elsewhere nothing is loaded and nothing shown. */
export async function createProgress(host: Host, wanted: { readonly quiet: boolean }): Promise<ProgressLine> {
  if (!host.interactive || wanted.quiet) return { show: () => undefined, stop: () => undefined };
  const { default: ora } = await import('ora');
  // `host.interactive` has already asked whether this is a terminal, and stdin belongs to whoever called.
  const color = wantsColor(host.env, { isTTY: true }) ? 'cyan' : false;
  const spinner = ora({ text: 'reading the lockfile', isEnabled: true, discardStdin: false, color }).start();
  return {
    show({ stage, done, total }) {
      spinner.text = `${stage} ${done} of ${total}`;
    },
    stop() {
      spinner.stop();
    },
  };
}

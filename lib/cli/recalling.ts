/** Lets a command use again what was proved on this person's machine within the last day (SPEC 4.7). */
import { type Memory, openMemory } from '../memory/index.ts';
import type { Host } from '../model/host.ts';
import type { Report } from '../model/report.ts';
import type { Grounds, Recalled, VerifyRequest } from '../model/request.ts';
import { VERSION } from '../version.ts';
import type { SharedOptions } from './shared-flags.ts';

/** What `verify` is asked with, and how many packages it did not have to prove. */
export type Recalling = Pick<VerifyRequest, 'onGrounds' | 'recall'> & {
  readonly found: () => number;
  /** What verdicts rest on, piece by piece: as it was remembered, or as it is. */
  readonly evidenceIn: (report: Report) => Iterable<unknown>;
};

/** What is remembered about what was asked with these options. In CI, that is nothing. */
export function memoryOf(host: Host, options: SharedOptions): Memory {
  return openMemory(host, { version: VERSION, options });
}

/** What was proved before is not proved again within a day, and the verdict is noted. */
export function recallingFrom(memory: Memory | undefined): Recalling {
  if (memory === undefined) return { found: () => 0, evidenceIn: () => [] };
  const state: { recalled?: Recalled } = {};
  const recall = (grounds: Grounds): Recalled => {
    state.recalled = memory.recall(grounds);
    return state.recalled;
  };
  return {
    ...{ onGrounds: memory.note, recall },
    found: () => state.recalled?.found() ?? 0,
    *evidenceIn({ verdicts }) {
      for (const { evidence } of verdicts) yield state.recalled?.textOf(evidence) ?? evidence;
    },
  };
}

/** Says what was not proved again. */
export function tellRecalled(host: Host, { quiet }: SharedOptions, found: number): void {
  if (quiet || found === 0) return;
  const packages = found === 1 ? 'one package was' : `${found} packages were`;
  host.err(`npmsign: ${packages} proved within the last day; --no-remember proves all anew.\n`);
}

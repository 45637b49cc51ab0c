/** The front door's side for gates: that one opened for this lockfile in this checkout, and that it is the one npmsign ships. */
import { resolve } from 'node:path';
import type { Host } from '../model/host.ts';
import type { Notice } from '../model/report.ts';
import { findMissingGate, gateNotices, readLockfileDigest, writeGateRun } from '../setup/index.ts';
import { openState } from '../state/index.ts';
import { findProject } from '../tree/index.ts';

/** A gate at work. It is remembered once it opens, and only for the lockfile it began with. */
export type GateWatch = {
  /** Remembers that it opened. A gate that cannot be remembered has opened all the same, and says so. */
  readonly opened: (gate: string) => Promise<readonly Notice[]>;
};

/** Looks at the lockfile before it is judged, so that nobody can exchange it for another one in between. */
export async function watchGate(host: Host): Promise<GateWatch> {
  const { lockfile } = await findProject(host).catch(() => ({ lockfile: undefined }));
  const before = lockfile === undefined ? undefined : await findDigest(lockfile);
  return {
    async opened(gate) {
      if (lockfile === undefined || before === undefined) return [];
      if ((await findDigest(lockfile)) !== before) return [unremembered('the lockfile changed meanwhile')];
      const directory = openState(host, 'gates');
      if (directory.kind === 'unusable') return [unremembered(directory.reason)];
      try {
        const run = { gate, at: host.now.toISOString(), lockfile: before };
        await writeGateRun({ directory: directory.value, lockfile }, run);
        return [];
      } catch (error) {
        return [unremembered(`it cannot be written (${codeOf(error)})`)];
      }
    },
  };
}

/** What a run is to say about the gates of its project. */
export type GuardRequest = {
  /** Absolute path of the project, and of its lockfile relative to `host.cwd` as the tree has it. */
  readonly project: string;
  readonly lockfile: string;
  readonly requireGate: boolean;
};

/** Notices about the vendored gate, and a failure where a gate was required and none has opened. */
export async function guardNotices(host: Host, request: GuardRequest): Promise<readonly Notice[]> {
  const notices = await gateNotices(request.project);
  if (!request.requireGate) return notices;
  const directory = openState(host, 'gates');
  const lockfile = resolve(host.cwd, request.lockfile);
  const because =
    directory.kind === 'unusable'
      ? directory.reason
      : await findMissingGate({ directory: directory.value, lockfile });
  return because === undefined
    ? notices
    : [...notices, { code: 'GATE_NOT_RUN', message: because, effect: 'fail' }];
}

function unremembered(why: string): Notice {
  return { code: 'GATE_NOT_REMEMBERED', message: `that this gate opened is not remembered: ${why}` };
}

/** A lockfile that is not there cannot have been judged. */
async function findDigest(lockfile: string): Promise<string | undefined> {
  return readLockfileDigest(lockfile).catch(() => undefined);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

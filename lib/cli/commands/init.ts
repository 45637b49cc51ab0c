/** `npmsign init`: sets a project up, so that its package manager asks npmsign before it installs; `--remove` takes that back. */
import { dirname, relative, resolve } from 'node:path';
import { EXIT, UsageError } from '../../errors.ts';
import {
  baselineFor,
  findManager,
  findProject,
  isAdopted,
  type ProjectPlace,
  planRemoval,
  planSetup,
  type Report,
  readShippedGate,
  render,
  renderChanges,
  renderSetup,
  type SetupPlan,
  verify,
  writeChanges,
} from '../../index.ts';
import type { Host } from '../../model/host.ts';
import type { Baseline, SetupManager } from '../../model/setup.ts';
import { tame } from '../../text/sanitize.ts';
import type { Command, Invocation } from '../command.ts';
import { exitCodeFor } from '../exit-code.ts';
import { flagIsOn } from '../flags.ts';
import { terminalStyle } from '../output.ts';
import { createProgress } from '../progress.ts';
import { requireFormats, type SharedOptions, sharedOptionsOf } from '../shared-flags.ts';

/** What a set-up rests on besides the project's files. */
export type InitSources = {
  /** The manager of a project, and the version that runs. */
  readonly findManager: (host: Host, place: ProjectPlace) => Promise<SetupManager>;
  /** The text of the gate to vendor. */
  readonly readGate: () => Promise<string>;
};

/** `npmsign init` as people call it. */
export const initCommand = createInitCommand({ findManager, readGate: readShippedGate });

/** Shows what it would write, asks, writes all of it or nothing. What is tampered with is never waived, and stops it. */
export function createInitCommand(sources: InitSources): Command {
  return {
    operands: '',
    flags: [
      { name: 'yes', about: 'write without asking' },
      { name: 'dry-run', about: 'show what would be written, and write nothing' },
      { name: 'vendor', about: 'replace a vendored gate that is not the one this npmsign ships' },
      {
        name: 'npm-extension',
        about: 'npm 12: also stop npm install <package>, update, dedupe and audit fix',
      },
      { name: 'remove', about: 'take back what init wrote' },
    ],
    notes: [
      'Adoption starts green: what today violates the policy is exempted for 90 days, version by version, and listed. Signs of tampering are',
      'reported and never exempted. A project that has the gate already gets no further exemptions.',
    ],
    async run(host, invocation) {
      refuseOperands(invocation);
      const options = sharedOptionsOf(invocation);
      requireFormats(options.outputs, ['pretty']);
      const asked = askedOf(invocation);
      const run = { host, options, asked };
      return asked.remove ? remove(run) : setUp(run, sources);
    },
  };
}

type Asked = Readonly<Record<'yes' | 'dryRun' | 'vendor' | 'npmExtension' | 'remove', boolean>>;
type Run = { readonly host: Host; readonly options: SharedOptions; readonly asked: Asked };

function askedOf(invocation: Invocation): Asked {
  const isOn = (name: string): boolean => flagIsOn({ ...invocation, env: {} }, name);
  return {
    yes: isOn('yes'),
    dryRun: isOn('dry-run'),
    vendor: isOn('vendor'),
    npmExtension: isOn('npm-extension'),
    remove: isOn('remove'),
  };
}

async function setUp(run: Run, { findManager, readGate }: InitSources): Promise<number> {
  const { host, options, asked } = run;
  const report = await judge(run);
  const lockfile = resolve(host.cwd, report.lockfile.path);
  const project = dirname(lockfile);
  const manager = await findManager(host, { root: project, lockfile });
  const baseline = baselineFor(report, { manager, now: host.now });
  const refusal = refusalOf(baseline);
  if (refusal !== undefined) {
    host.out(render(report, 'pretty', { ...options, ...terminalStyle(host), root: host.cwd }));
    host.err(`\nnpmsign: nothing was written: ${refusal.because}\n`);
    return refusal.code;
  }
  const isFirst = !(await isAdopted(project));
  const plan = await planSetup({
    project,
    manager,
    gate: await readGate(),
    vendor: asked.vendor ? 'replace' : 'keep',
    npmExtension: asked.npmExtension,
    ...policyOf(report, project),
    exemptions: isFirst ? baseline.exemptions : [],
    scripts: isFirst ? baseline.scripts : { kind: 'exempted' },
  });
  if (plan.changes.length > 0 && isFirst) host.out(waiverText(baseline));
  const done = await carryOut(run, plan);
  if (done !== 'written') return plan.changes.length === 0 ? exitCodeFor(report.effect) : EXIT.met;
  return confirm(run, plan);
}

async function remove(run: Run): Promise<number> {
  const { root } = await findProject(run.host);
  const plan = await planRemoval(root);
  await carryOut(run, plan);
  return EXIT.met;
}

/** Tampering outweighs what could not be asked: both leave the project as it is. */
function refusalOf({ tampered, unverified }: Baseline): { because: string; code: number } | undefined {
  if (tampered.length > 0) {
    const because = `there are signs of tampering with ${listed(tampered)}. They are not exempted.`;
    return { because, code: EXIT.violated };
  }
  if (unverified.length === 0) return undefined;
  const because = `${listed(unverified)} could not be judged, and nobody should waive what nobody knows. Run it again.`;
  return { because, code: EXIT.unverified };
}

/** Shows, asks where a person is, writes. */
async function carryOut({ host, asked }: Run, plan: SetupPlan): Promise<'written' | 'not written'> {
  host.out(renderChanges(plan, host) + renderSetup(plan, host));
  if (plan.changes.length === 0) {
    host.out('npmsign: nothing to do.\n');
    return 'not written';
  }
  if (asked.dryRun || !(await agrees(host, asked))) {
    host.out('\nnpmsign: nothing was written.\n');
    return 'not written';
  }
  await writeChanges(plan.project, plan.changes);
  const files = plan.changes.map(({ file }) => file).join(', ');
  host.out(`\nnpmsign: ${asked.remove ? 'taken back' : 'written'}: ${files}\n  Commit all of it.\n`);
  return 'written';
}

async function agrees({ ask }: Host, { yes }: Asked): Promise<boolean> {
  if (yes) return true;
  if (ask !== undefined) return /^\s*y(es)?\s*$/i.test(await ask('\nWrite this? [y/N] '));
  throw new UsageError('BAD_FLAG_VALUE', 'init asks before it writes, and nobody is here to be asked.', {
    hint: 'npmsign init --yes writes; npmsign init --dry-run only shows.',
  });
}

/** Judges once more, under what was written: adoption starts green, or says why it does not. */
async function confirm({ host, options }: Run, plan: SetupPlan): Promise<number> {
  const report = await verify(host, { ...options, preferOffline: true });
  const code = exitCodeFor(report.effect);
  if (code !== EXIT.met) {
    host.out(`\n${render(report, 'pretty', { ...options, ...terminalStyle(host), root: host.cwd })}`);
    return code;
  }
  host.out('npmsign: the project meets its policy.\n');
  return plan.byHand.length === 0 ? EXIT.met : EXIT.violated;
}

async function judge({ host, options }: Run): Promise<Report> {
  const progress = await createProgress(host, options);
  return verify(host, { ...options, onProgress: progress.show }).finally(progress.stop);
}

function policyOf({ policy }: Report, project: string): { readonly policy?: { readonly file: string } } {
  if (policy.path === undefined) return {};
  return { policy: { file: relative(project, resolve(project, policy.path)).replaceAll('\\', '/') } };
}

/** What is let through for now: nobody should have to find it in a diff. */
function waiverText({ exemptions, scripts }: Baseline): string {
  const waived = exemptions.map(
    ({ package: spec, checks, expires }) => `  ${tame(spec)}  ${checks.join(', ')}, until ${expires}\n`,
  );
  const pinned = scripts.kind === 'pinned' ? scripts.specs.map((spec) => `  ${tame(spec)}\n`) : [];
  return [
    ...(waived.length === 0 ? [] : ['What today violates the policy is exempted:\n', ...waived, '\n']),
    ...(pinned.length === 0 ? [] : ['Install scripts that run today stay allowed:\n', ...pinned, '\n']),
  ].join('');
}

function listed(specs: readonly string[]): string {
  const shown = specs.slice(0, 5).map((spec) => tame(spec, 200));
  return specs.length > 5 ? `${shown.join(', ')} and ${specs.length - 5} more` : shown.join(', ');
}

function refuseOperands({ operands }: Invocation): void {
  const [first] = operands;
  if (first === undefined) return;
  throw new UsageError('BAD_FLAG_VALUE', `npmsign init takes no arguments; found ${tame(first, 60)}.`, {
    hint: 'npmsign init --dry-run shows what it would write.',
  });
}

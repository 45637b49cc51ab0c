/** Plans what `init` writes into a project, and what taking it back comes to. */
import type { Exemption } from '../model/policy.ts';
import type { FileChange, ScriptReview, SetupManager, SetupPlan } from '../model/setup.ts';
import { setUpBun } from './bun.ts';
import { createDraft, type Draft, type Edit } from './draft.ts';
import { readFiles } from './files.ts';
import { gateStateOf } from './gate-file.ts';
import { parseObject } from './json-edit.ts';
import { setUpNpm } from './npm.ts';
import { FILES, GATE, HOME, RECORD } from './places.ts';
import { setUpPnpm } from './pnpm.ts';
import { addExemptions, type ExistingPolicy, writePolicy } from './policy.ts';
import { parseRecord, recordWith } from './record.ts';
import { removalOf } from './remove.ts';
import { setUpYarnBerry, setUpYarnClassic } from './yarn.ts';

/** What a project is set up with. */
export type SetupRequest = {
  /** Absolute path. */
  readonly project: string;
  readonly manager: SetupManager;
  /** The text of the gate to vendor. */
  readonly gate: string;
  /** What happens to a vendored gate that is not this one: it stays and is told of, or is replaced. */
  readonly vendor: 'keep' | 'replace';
  readonly npmExtension: boolean;
  /** The policy the project has; absent: one is written. */
  readonly policy?: ExistingPolicy;
  /** What the policy is to waive. */
  readonly exemptions: readonly Exemption[];
  readonly scripts: ScriptReview;
};

/** What would be written. Reads, and writes nothing. Throws `SetupError`. */
export async function planSetup(request: SetupRequest): Promise<SetupPlan> {
  const files = await readFiles(request.project, FILES);
  const draft = createDraft(files);
  parseObject(draft.textOf('package.json') ?? '', 'package.json');
  vendorGate(draft, request);
  draft.write(`${HOME}/.gitattributes`, ATTRIBUTES, 'keeps git from changing line ends');
  setUpManager(draft, request);
  if (request.policy === undefined) writePolicy(draft, request.exemptions);
  else addExemptions(draft, request.policy, request.exemptions);
  const edits = draft.edits();
  return { project: request.project, changes: withRecord(files, edits), ...draft.told() };
}

/** What taking everything back comes to. Throws `SetupError` where no record says what was written. */
export async function planRemoval(project: string): Promise<SetupPlan> {
  const files = await readFiles(project, FILES);
  const text = files.get(RECORD);
  const nothing = { project, changes: [], gates: [], byHand: [], notes: [] };
  if (text === undefined) return nothing;
  const { changes, left } = removalOf(files, parseRecord(text, RECORD));
  const record: FileChange = { file: RECORD, before: text, ours: 'what was written' };
  return { ...nothing, changes: [...changes.filter(({ file }) => file !== RECORD), record], notes: left };
}

/** What is vendored keeps its bytes on every machine: git would otherwise change line ends, and the gate would not be the gate. */
const ATTRIBUTES = '* -text linguist-vendored\n';

function vendorGate(draft: Draft, { gate, vendor }: SetupRequest): void {
  const there = draft.textOf(GATE);
  const state = gateStateOf(there === undefined ? undefined : Buffer.from(there), Buffer.from(gate));
  const isOther = state.kind === 'outdated' || state.kind === 'altered';
  if (isOther && vendor === 'keep') {
    draft.note(`${GATE} is not the one this npmsign ships, and stays; --vendor replaces it.`);
    return;
  }
  draft.write(GATE, gate, 'the gate');
}

function setUpManager(draft: Draft, request: SetupRequest): void {
  const { manager, scripts, npmExtension } = request;
  switch (manager.kind) {
    case 'npm':
      setUpNpm(draft, { version: manager.version, scripts, wantsExtension: npmExtension });
      return;
    case 'pnpm':
      setUpPnpm(draft);
      return;
    case 'yarn-classic':
      setUpYarnClassic(draft);
      return;
    case 'yarn-berry':
      setUpYarnBerry(draft);
      return;
    case 'bun':
      setUpBun(draft);
      return;
  }
}

/** The changes, and the record of them beside those of earlier runs. */
function withRecord(files: ReadonlyMap<string, string>, edits: readonly Edit[]): readonly FileChange[] {
  if (edits.length === 0) return [];
  const before = files.get(RECORD);
  const known = before === undefined ? [] : parseRecord(before, RECORD);
  const after = recordWith(known, edits);
  const record = {
    file: RECORD,
    ...(before === undefined ? {} : { before }),
    after,
    ours: 'for init --remove',
  };
  return [...edits.map(({ change }) => change), record];
}

/** Compares the gate a project vendors with the one that came with npmsign. Neither is ever run here. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../errors.ts';
import type { Notice } from '../model/report.ts';
import { tame } from '../text/sanitize.ts';
import { VERSION } from '../version.ts';
import { GATE } from './places.ts';

/** What became of a vendored gate. */
export type GateState =
  | { readonly kind: 'absent' | 'current' }
  /** It says it is of another version. */
  | { readonly kind: 'outdated'; readonly version: string }
  /** It says it is of this version, and is not that file. */
  | { readonly kind: 'altered' };

/** The gate of this npmsign. Throws `SetupError` `SETUP_NO_GATE` where it was not built. */
export async function readShippedGate(): Promise<string> {
  const found = await findShippedGate();
  if (found !== undefined) return found.toString();
  throw new SetupError('SETUP_NO_GATE', 'The gate that npmsign ships is not beside it.', {
    hint: 'Install npmsign from the registry, or build it with npm run build.',
  });
}

/** How the vendored gate stands to the shipped one. */
export function gateStateOf(vendored: Buffer | undefined, shipped: Buffer): GateState {
  if (vendored === undefined) return { kind: 'absent' };
  if (vendored.equals(shipped)) return { kind: 'current' };
  const [mine, theirs] = [versionIn(shipped), versionIn(vendored)];
  return theirs === undefined || theirs === mine
    ? { kind: 'altered' }
    : { kind: 'outdated', version: theirs };
}

/** Says when the vendored gate is not the file of the npmsign that is installed here, or else of the one that runs. */
export async function gateNotices(project: string): Promise<readonly Notice[]> {
  const gate = join(project, GATE);
  const installed = await findFile(join(project, 'node_modules/npmsign/dist/gate.mjs'));
  // The vendored gate itself, where no other is installed, would read itself twice to find itself unchanged.
  if (installed === undefined && gate === placesOfGate()[0]) return [];
  const vendored = await findFile(gate);
  if (vendored === undefined) return [];
  const shipped = installed ?? (await findShippedGate());
  // Called as the gate itself in front of an empty node_modules, there is nothing to compare with.
  if (shipped === undefined) return [];
  const state = gateStateOf(vendored, shipped);
  switch (state.kind) {
    case 'absent':
    case 'current':
      return [];
    case 'outdated': {
      const message = `${GATE} is of npmsign ${state.version}, and ${versionIn(shipped) ?? VERSION} is installed; npmsign init --vendor replaces it`;
      return [{ code: 'GATE_OUTDATED', message }];
    }
    case 'altered': {
      const message = `${GATE} is not the file npmsign ${versionIn(shipped) ?? VERSION} ships; look at its history, then npmsign init --vendor replaces it`;
      return [{ code: 'GATE_ALTERED', message }];
    }
  }
}

const LARGEST = 64 * 1024 * 1024;

/** The mark the build leaves in the gate's first lines. */
function versionIn(gate: Buffer): string | undefined {
  const found = /^\/\/ npmsign gate (\d+\.\d+\.\d+\S{0,60})$/m.exec(gate.toString('utf8', 0, 1000))?.[1];
  return found === undefined ? undefined : tame(found, 80);
}

/** From a bundle the gate lies beside it, or is it, or one folder up; from the source, in what was built last. */
function placesOfGate(): readonly string[] {
  const places = ['./gate.mjs', '../gate.mjs', '../../dist/gate.mjs'];
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
}

async function findShippedGate(): Promise<Buffer | undefined> {
  for (const place of placesOfGate()) {
    const found = await findFile(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findFile(path: string): Promise<Buffer | undefined> {
  try {
    const stats = await stat(path);
    // A link to a device can be committed: that would be read for ever.
    if (!stats.isFile() || stats.size > LARGEST)
      throw new SetupError('SETUP_UNREADABLE', `${tame(path)} is no file of at most ${LARGEST} bytes.`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    if (cause instanceof Error && 'code' in cause && ['ENOENT', 'ENOTDIR'].includes(String(cause.code)))
      return undefined;
    throw new SetupError('SETUP_UNREADABLE', `${tame(path)} cannot be read.`, { cause });
  }
}

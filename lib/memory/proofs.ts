/** Remembers what was proved about single packages, and which of them passed, sealed by this user, on the grounds it was proved on (SPEC 4.7). */
import { hash } from 'node:crypto';
import type { Evidence } from '../model/evidence.ts';
import type { ProofStates } from '../model/report.ts';
import type { Grounds, Recalled } from '../model/request.ts';
import { digestOf, type Ground, outsideGrounds } from './ground.ts';
import { attempt } from './record.ts';
import { addLines, type LinesPlace, readLines, type SealedLines, writeLines } from './sealed-lines.ts';

/** Where what was proved lies, what seals it, and the question it was proved for. */
export type ProofsPlace = { readonly file: string; readonly seal: Buffer; readonly question: string };

const DAY = 24 * 60 * 60 * 1000;
// One version lies at a few places of a tree, or at a few dozen.
const MOST_PASSES = 256;

/**
 * What was proved on these very grounds less than a day ago. The lockfile is none of them: each package's evidence stands under a key that
 * names the bytes its entry pins. Nothing is written unless the grounds are the same afterwards.
 */
export function recallProofs({ file, seal, question }: ProofsPlace, grounds: Grounds, now: Date): Recalled {
  const rested = restedOn(grounds);
  if (rested === undefined) return NOTHING_RECALLED;
  // The key also seals verdicts and cached answers: the first words keep one from being taken for the other.
  const place = { file, seal, about: `npmsign proofs 3 ${question} ${rested}\n` };
  const old = readLines(place);
  const lines = new Map(old.lines.map((line) => [line.slice(0, line.indexOf(TAB)), line]));
  const [used, byEvidence] = [new Map<string, Entry>(), new Map<Evidence, Entry>()];
  const use = (entry: Entry): Evidence => {
    used.set(entry.key, entry);
    byEvidence.set(entry.evidence, entry);
    return entry.evidence;
  };
  const count = { found: 0 };
  return {
    find(key) {
      const line = lines.get(key);
      const known = used.get(key) ?? (line === undefined ? undefined : entryOf(line, now));
      if (known === undefined) return undefined;
      if (!used.has(key)) count.found++;
      return use(known);
    },
    keep(key, evidence) {
      use({ key, at: now.getTime(), evidence, passes: [], isNew: true });
    },
    passed: (evidence, judgedBy) => passIn(byEvidence.get(evidence)?.passes ?? [], { judgedBy, now }),
    pass(evidence, judgedBy) {
      const entry = byEvidence.get(evidence);
      if (entry === undefined || passIn(entry.passes, { judgedBy, now }) !== undefined) return;
      const { signature, provenance } = evidence;
      if (entry.passes.length === MOST_PASSES) entry.passes.shift();
      entry.passes.push(`${judgedBy} ${signature.status} ${provenance.status} ${now.getTime()}`);
      entry.isNew = true;
    },
    textOf: (evidence) => byEvidence.get(evidence)?.text,
    found: () => count.found,
    close() {
      const entries = [...used.values()];
      if (entries.some(({ isNew }) => isNew) && restedOn(grounds) === rested)
        attempt(() => write(place, old, entries));
    },
  };
}

/** For who remembers nothing. */
export const NOTHING_RECALLED: Recalled = {
  find: () => undefined,
  keep: () => undefined,
  passed: () => undefined,
  pass: () => undefined,
  textOf: () => undefined,
  found: () => 0,
  close: () => undefined,
};

/** One line: the evidence under its key, when it was proved, and what the package passed, judged by what. What is used again grows no younger. */
type Entry = {
  readonly key: string;
  readonly at: number;
  readonly evidence: Evidence;
  /** As it was sealed. Of what is new it is made when it is written: all together may be more than memory should hold. */
  readonly text?: string;
  readonly passes: string[];
  isNew: boolean;
};

// No JSON text has one in it.
const TAB = '\t';

/** Sealed by this release: the question names it. */
function entryOf(line: string, now: Date): Entry | undefined {
  const [key = '', at = '', text = '', ...passes] = line.split(TAB);
  const age = now.getTime() - Number(at);
  // What was proved in the future was proved under another clock.
  if (!(age >= 0 && age < DAY)) return undefined;
  return { key, at: Number(at), evidence: evidenceIn(text), text, passes, isNew: false };
}

/** Read when somebody looks: of most packages nothing is told but that they pass. */
function evidenceIn(text: string): Evidence {
  const state: { read?: Evidence } = {};
  const evidence = (): Evidence => {
    state.read ??= JSON.parse(text) as Evidence;
    return state.read;
  };
  return {
    get signature() {
      return evidence().signature;
    },
    get publish() {
      return evidence().publish;
    },
    get provenance() {
      return evidence().provenance;
    },
    get manifest() {
      return evidence().manifest;
    },
    get history() {
      return evidence().history;
    },
  };
}

type Asked = { readonly judgedBy: string; readonly now: Date };

/** Judged not in the future: by then it may have been old enough. */
function passIn(passes: readonly string[], { judgedBy, now }: Asked): ProofStates | undefined {
  for (const pass of passes) {
    if (!pass.startsWith(judgedBy)) continue;
    const [nothing, signature, provenance, at, more] = pass.slice(judgedBy.length).split(' ');
    if (nothing !== '' || more !== undefined || !(Number(at) <= now.getTime())) continue;
    return { signature, provenance } as ProofStates;
  }
  return undefined;
}

/** Adds what is new, as long as most of what is there is still used; of two lines with one key the later one counts. */
function write(place: LinesPlace, old: SealedLines, entries: readonly Entry[]): void {
  const fresh = entries.filter(({ isNew }) => isNew);
  const isFew = 2 * (old.lines.length + fresh.length) < 3 * entries.length;
  if (old.isWhole && isFew) addLines(place, old, linesOf(fresh));
  else writeLines(place, linesOf(entries));
}

function* linesOf(entries: readonly Entry[]): Iterable<string> {
  for (const entry of entries) yield lineOf(entry);
}

function lineOf({ key, at, evidence, text, passes }: Entry): string {
  return [key, at, text ?? JSON.stringify(evidence), ...passes].join(TAB);
}

/** Digest of everything outside the project that evidence rests on; `undefined` where that cannot be told. */
function restedOn(grounds: Grounds): string | undefined {
  const digests = outsideGrounds(grounds).map((ground: Ground) => [ground, digestOf(ground)] as const);
  if (digests.some(([, digest]) => digest === undefined)) return undefined;
  return hash('sha256', JSON.stringify([grounds.trust, digests]), 'hex');
}

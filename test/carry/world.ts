/** Two machines: one that reaches the registry and exports, one that reaches nobody and judges by what was carried. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  digestOf,
  type Entry,
  fileNameOf,
  type Index,
  parseIndex,
  renderIndex,
} from '../../lib/carry/format.ts';
import { main } from '../../lib/cli/main.ts';
import { type Judgement, judgementOf, type ReportJson } from '../attacks/judgement.ts';
import { type Case, homeEnvironment, type World } from '../attacks/world.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

/** What came of a command. */
export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs a command where the project is, at the world's moment unless told otherwise. */
export async function run(
  world: World,
  argv: readonly string[],
  { cwd, home, env = {}, now = world.now }: RunIn,
): Promise<Ran> {
  const host = aHost({ cwd, now, env: { ...homeEnvironment(home), NPMSIGN_NO_REMEMBER: '1', ...env } });
  const code = await main(argv, host);
  return { code, out: host.stdout(), err: host.stderr() };
}

export type RunIn = {
  readonly cwd: string;
  /** A new one, and with it an empty cache, unless one is given. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly now?: Date;
};

/** Exports the evidence of a project into a new folder, which it names. */
export async function exported(world: World, { dir }: Pick<Case, 'dir'>): Promise<string> {
  const folder = path.join(aTempDirectory('carried'), 'evidence');
  const { code, err } = await run(world, ['bundle', '-o', folder], { cwd: dir });
  assert.equal(code, 0, err);
  return folder;
}

/** A copy of the project on the machine without a network. */
export function elsewhere({ dir }: Pick<Case, 'dir'>): string {
  const copy = path.join(aTempDirectory('elsewhere'), 'project');
  cpSync(dir, copy, { recursive: true });
  return copy;
}

/** Judges by a folder, in another copy of the project and under another home, and asserts that nobody was asked. */
export async function judgedBy(
  world: World,
  { found, folder, flags = [], now = world.now }: Carrying,
): Promise<Judgement> {
  world.registry.forgetRequests();
  const { code, out, err } = await run(
    world,
    ['verify', '--format', 'json', '--evidence', folder, ...flags],
    { cwd: elsewhere(found), now },
  );
  assert.equal(world.registry.requests.length, 0, 'somebody was asked');
  return judgementOf({ code, stdout: out, stderr: err });
}

export type Carrying = {
  readonly found: Pick<Case, 'dir'>;
  readonly folder: string;
  readonly flags?: readonly string[];
  readonly now?: Date;
};

/** What is known and answered about each package, without the words that differ with where it came from. */
export function substanceOf(judged: Judgement): unknown {
  const { verdicts, summary } = judged.report() as ReportJson;
  return { verdicts, summary, code: judged.code };
}

/** All files of a folder, by their paths. */
export function filesIn(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = names.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)));
  return new Map(paths.sort().map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

/** A folder an attacker can write: answers altered, and the index made to fit. */
export function tampered(folder: string): Tampered {
  const copy = path.join(aTempDirectory('tampered'), 'evidence');
  cpSync(folder, copy, { recursive: true });
  const indexFile = path.join(copy, 'evidence.json');
  const index = (): Index => {
    const parsed = parseIndex(readFileSync(indexFile, 'utf8'));
    if (typeof parsed === 'string') assert.fail(parsed);
    return parsed;
  };
  const fileOf = (entry: Entry): string => path.join(copy, 'answers', fileNameOf(entry));
  const refit = (entry: Entry): void => {
    const sha256 = digestOf(readFileSync(fileOf(entry)));
    const fit = (one: Entry): Entry =>
      one.kind === entry.kind && one.url === entry.url ? { ...one, sha256 } : one;
    writeFileSync(indexFile, renderIndex({ ...index(), answers: index().answers.map(fit) }));
  };
  return {
    folder: copy,
    fileOf,
    refit,
    entry(kind, part) {
      const entry = index().answers.find((one) => one.kind === kind && one.url.includes(part));
      assert.ok(entry, `no ${kind} of ${part}`);
      return entry;
    },
    reindex(change) {
      writeFileSync(indexFile, renderIndex(change(index())));
    },
    rewrite(entry, text) {
      writeFileSync(fileOf(entry), text);
      refit(entry);
    },
    retrust(text) {
      writeFileSync(path.join(copy, 'trust.json'), text);
      writeFileSync(indexFile, renderIndex({ ...index(), trust: digestOf(text) }));
    },
  };
}

/** A copy of a folder, and the ways to lie in it. */
export type Tampered = {
  readonly folder: string;
  readonly fileOf: (entry: Entry) => string;
  readonly entry: (kind: Entry['kind'], part: string) => Entry;
  readonly reindex: (change: (index: Index) => Index) => void;
  /** Makes the index fit an answer's file. */
  readonly refit: (entry: Entry) => void;
  readonly rewrite: (entry: Entry, text: string) => void;
  readonly retrust: (text: string) => void;
};

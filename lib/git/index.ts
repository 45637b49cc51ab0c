/** Reads files as they were at another git revision. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { UsageError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { tame } from '../text/sanitize.ts';
import { findGit } from './find-git.ts';

/** The largest file that is read, and how long git may take. */
const LARGEST = 128 * 1024 * 1024;
const PATIENCE = 60_000;

/** Which file, beside what, at which revision. */
export type RevisionRequest = {
  /** A branch, tag, commit, or anything else that names one. */
  readonly revision: string;
  /** Absolute path of the folder the files lie in. */
  readonly dir: string;
  /** Names of files in that folder. */
  readonly files: readonly string[];
};

/**
 * The text of each file at a revision, in the order asked for; `undefined` for a file that did not exist then. Throws `UsageError` where
 * there is no git, no repository, or no such revision.
 */
export async function readRevision(
  host: Host,
  { revision, dir, files }: RevisionRequest,
): Promise<readonly (string | undefined)[]> {
  const git = await findGit(host, dir);
  if (git === undefined) {
    throw new UsageError(
      'BAD_FLAG_VALUE',
      'There is no git on PATH, the folders of the project left aside.',
      {
        hint: 'Name a lockfile to compare with instead of a revision.',
      },
    );
  }
  const run: RunGit = (...args) => runGit({ git, dir, env: envFor(host, git) }, args);
  const commit = await commitOf(revision, run);
  const texts: (string | undefined)[] = [];
  for (const file of files) {
    const blob = await blobOf(`./${file}`, commit, run);
    texts.push(
      blob === undefined ? undefined : textOf(await run('cat-file', 'blob', blob), `${revision}:${file}`),
    );
  }
  return texts;
}

type GitAnswer = { readonly ok: boolean; readonly out: Buffer };
type RunGit = (...args: readonly string[]) => Promise<GitAnswer>;

/** The commit a revision names. Resolved first, so that nothing a caller writes can be read as an option or a path. */
async function commitOf(revision: string, run: RunGit): Promise<string> {
  const inside = await run('rev-parse', '--git-dir');
  if (!inside.ok) {
    throw new UsageError('BAD_FLAG_VALUE', 'The lockfile is in no git repository that git would open.', {
      hint: 'Name a lockfile to compare with instead of a revision.',
    });
  }
  const isOption = revision.startsWith('-');
  const found = isOption ? NOTHING : await run('rev-parse', '--verify', '--quiet', `${revision}^{commit}`);
  const commit = found.out.toString('latin1').trim();
  if (found.ok && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return commit;
  throw new UsageError(
    'BAD_FLAG_VALUE',
    `There is no file and no git revision named ${tame(revision, 120)} here.`,
    {
      hint: 'npmsign diff [git-ref|file], such as npmsign diff origin/main. A shallow clone may lack the commit: fetch it first.',
    },
  );
}

const NOTHING: GitAnswer = { ok: false, out: Buffer.alloc(0) };

/** The object that a path names in a commit: an ordinary file, or `undefined` for none. The path starts at the folder git runs in. */
async function blobOf(file: string, commit: string, run: RunGit): Promise<string | undefined> {
  const { ok, out } = await run('ls-tree', '-z', commit, file);
  const listed = out.toString('utf8');
  if (ok && listed === '') return undefined;
  // <mode> SP <type> SP <object> TAB <file> NUL (git-ls-tree, "Output format"); mode 120000 is a link.
  const [, blob] = /^100\d{3} blob ([0-9a-f]{40,64})\t[^\0]+\0$/.exec(listed) ?? [];
  if (ok && blob !== undefined) return blob;
  throw new UsageError('BAD_FLAG_VALUE', `git knows no ordinary file ${tame(file, 200)} there.`);
}

function textOf({ ok, out }: GitAnswer, name: string): string {
  try {
    if (ok) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(out);
  } catch (cause) {
    throw new UsageError('BAD_FLAG_VALUE', `${tame(name, 200)} is no UTF-8 text.`, { cause });
  }
  throw new UsageError('BAD_FLAG_VALUE', `git cannot show ${tame(name, 200)}.`);
}

type GitPlace = {
  readonly git: string;
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
};

/** Runs git without a shell. Its own words on stderr are dropped: they quote paths, remotes and whatever a repository holds. */
function runGit({ git, dir, env }: GitPlace, args: readonly string[]): Promise<GitAnswer> {
  return new Promise((resolve) => {
    execFile(
      git,
      ['--no-pager', '--no-replace-objects', ...args],
      { cwd: dir, env, encoding: 'buffer', maxBuffer: LARGEST, timeout: PATIENCE, windowsHide: true },
      (error, out) => resolve({ ok: error === null, out }),
    );
  });
}

/** What git needs to find its own files and the user's settings, and nothing that would point it at another repository. */
const PASSED = [
  'HOME',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'XDG_CONFIG_HOME',
  'SYSTEMROOT',
  'TEMP',
  'TMPDIR',
];

function envFor({ env }: Host, git: string): Readonly<Record<string, string>> {
  const passed = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && PASSED.includes(pair[0].toUpperCase()),
  );
  return {
    ...Object.fromEntries(passed),
    // PATH may lead into the project; git finds its own parts by itself.
    PATH: path.dirname(git),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // A partial clone would otherwise fetch what it lacks, by whatever command its configuration names.
    GIT_NO_LAZY_FETCH: '1',
  };
}

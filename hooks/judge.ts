/** Judges a project from inside its package manager's own process, and remembers what the judged lockfile holds. */
import { hostOf, main } from '../lib/cli/main.ts';
import { EXIT, RESOLVES_ONLY, readTree, watchGate } from '../lib/index.ts';
import type { Host } from '../lib/model/host.ts';
import { tame } from '../lib/text/sanitize.ts';

/** What a judgement came to. */
export type Judgement =
  /** The policy is met. */
  | {
      readonly kind: 'met';
      /** Does the lockfile hold this package? */
      readonly holds: (id: ClaimedId) => boolean;
      /** Does it hold these bytes: is each hash of this integrity value in it? */
      readonly holdsBytes: (integrity: string) => boolean;
    }
  | { readonly kind: 'refused'; readonly because: string }
  /** npmsign itself runs the manager to resolve, and judges what comes of it before anything is fetched. */
  | { readonly kind: 'not-asked' };

/** Name and version as the manager says them; a stranger may have written either. */
export type ClaimedId = { readonly name?: unknown; readonly version?: unknown };

/** Who asks for which project. */
export type JudgeRequest = {
  readonly gate: 'pnpm' | 'yarn' | 'bun' | 'npm extension';
  readonly project: string;
  /** Variables that are not heard, because somebody else than the caller may have set them. */
  readonly deaf?: ReadonlySet<string>;
};

/** Prints the report on stderr: stdout belongs to the manager. */
export async function judge(world: NodeJS.Process, request: JudgeRequest): Promise<Judgement> {
  const host = guestOf(world, request);
  if (host.env[RESOLVES_ONLY] === '1') return { kind: 'not-asked' };
  const watch = await watchGate(host);
  const code = await main(['verify', '--format', 'pretty'], host);
  if (code !== EXIT.met)
    return { kind: 'refused', because: `npmsign stops this: ${WORDS.get(code) ?? 'it failed'}.` };
  for (const { message } of await watch.opened(request.gate)) host.err(`npmsign: ${message}.\n`);
  const { packages } = await readTree(host);
  const held = new Set(packages.map(({ id }) => keyOf(id)));
  const hashes = new Set(packages.flatMap(({ integrity }) => integrity?.text.split(/\s+/) ?? []));
  return {
    kind: 'met',
    holds: (id) => held.has(keyOf(id)),
    holdsBytes: (integrity) => integrity.split(/\s+/).every((hash) => hashes.has(hash)),
  };
}

/** Says that a package is about to be fetched which no judged lockfile holds, and what to do instead. */
export function unseen({ name, version }: ClaimedId): string {
  const spec = tame([name, version].filter((part) => part !== undefined).join('@'), 200);
  return `npmsign stops this: ${spec} is not in the lockfile that was judged. npmsign install resolves, judges, then installs.`;
}

const WORDS: ReadonlyMap<number, string> = new Map([
  [EXIT.violated, 'the policy is violated, as told above'],
  [EXIT.misuse, 'the lockfile or the policy cannot be read, as told above'],
  [EXIT.unverified, 'something required could not be verified, as told above'],
]);

function guestOf(world: NodeJS.Process, { project, deaf = new Set() }: JudgeRequest): Host {
  const { ask: _ask, self: _self, ...host } = hostOf(world, 'stderr');
  const env = Object.fromEntries(Object.entries(host.env).filter(([name]) => !deaf.has(name)));
  return { ...host, env, cwd: project, interactive: false };
}

function keyOf({ name, version }: ClaimedId): string {
  return JSON.stringify([name, version]);
}

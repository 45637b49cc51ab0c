/**
 * pnpm's hooks: `preResolution` judges before anything is resolved, `readPackage` refuses what the judged lockfile does not hold, and `canFetch`
 * (pnpm 11 and later) lets no other bytes be fetched.
 */
import { type ClaimedId, type Judgement, judge, unseen } from './judge.ts';

/** What pnpm hands to `preResolution`, as far as it is used. */
export type PnpmContext = {
  readonly lockfileDir: string;
  readonly wantedLockfile: { readonly packages?: object };
};

/** The hooks of one pnpm process; all throw to stop it. */
export type PnpmHooks = {
  readonly preResolution: (context: PnpmContext) => Promise<void>;
  readonly readPackage: (manifest: ClaimedId) => Promise<void>;
  /** Always `false`: pnpm fetches, or nobody. `id` is pnpm's own, such as `name@version`. */
  readonly canFetch: (project: string, id: string, resolution: object) => Promise<false>;
  /** For commands that only run scripts of what is installed. */
  readonly rebuild: (project: string) => Promise<void>;
  /** Says that there are config dependencies, and which pnpm has loaded them by now. */
  readonly configured: (userAgent: unknown) => void;
};

/** Hooks that share what they know. Manifests read before the judgement are those of the project and its workspaces. */
export function createPnpmHooks(world: NodeJS.Process): PnpmHooks {
  const projects = new Set<unknown>();
  const state: { judgement?: Promise<Judgement>; late?: string } = {};
  const judged = (project: string): Promise<Judgement> => {
    state.judgement ??= judge(world, { gate: 'pnpm', project });
    return state.judgement;
  };
  return {
    async preResolution({ lockfileDir, wantedLockfile }) {
      const judgement = await judged(lockfileDir);
      if (judgement.kind === 'refused') throw new Error(judgement.because);
      if (state.late !== undefined) throw new Error(state.late);
      if (judgement.kind === 'not-asked') return;
      // pnpm can be told to read another lockfile, such as one for each branch: what it holds in its hands counts.
      const other = idsIn(wantedLockfile.packages ?? {}).find((id) => !judgement.holds(id));
      if (other !== undefined) throw new Error(unseen(other));
    },
    async readPackage(manifest) {
      if (state.judgement === undefined) {
        projects.add(manifest.name);
        return;
      }
      const judgement = await state.judgement;
      if (judgement.kind !== 'met' || judgement.holds(manifest)) return;
      // A registry's manifest has `dist`; one of a folder has not, and may be of the project itself.
      if ('dist' in manifest || !projects.has(manifest.name)) throw new Error(unseen(manifest));
    },
    // `pnpm fetch` of pnpm 12 calls this and nothing else.
    async canFetch(project, id, resolution) {
      const judgement = await judged(project);
      if (judgement.kind === 'refused') throw new Error(judgement.because);
      const { integrity } = Object(resolution);
      if (judgement.kind === 'met' && typeof integrity === 'string' && !judgement.holdsBytes(integrity)) {
        throw new Error(unseen(idOf(id)));
      }
      return false;
    },
    configured(userAgent) {
      if (/^pnpm\/(?:\d|10)\./.test(String(userAgent))) state.late = UNLOCKED;
    },
    // Nothing else is called by `pnpm rebuild` of pnpm 10 and 11: what is learnt here concerns no manifest.
    async rebuild(project) {
      const judgement = await judge(world, { gate: 'pnpm', project });
      if (judgement.kind === 'refused') throw new Error(judgement.because);
    },
  };
}

const UNLOCKED =
  'npmsign stops this: config dependencies are loaded by now, before anybody was asked, and the lockfile of pnpm 10 holds none. npmsign ci is asked first.';

/** Names and versions in pnpm's lockfile. Folders are no packages. */
function idsIn(packages: object): readonly ClaimedId[] {
  return Object.entries(packages).flatMap(([key, { version, resolution }]) => {
    if (Object(resolution).type === 'directory') return [];
    const id = idOf(key);
    return [{ name: id.name, version: version ?? id.version }];
  });
}

/** pnpm's key of a package: `name@version(peers)`, or any address in place of the version. */
function idOf(key: string): ClaimedId {
  const [spec = ''] = key.split('(');
  const at = spec.indexOf('@', 1);
  return at === -1 ? { name: spec } : { name: spec.slice(0, at), version: spec.slice(at + 1) };
}

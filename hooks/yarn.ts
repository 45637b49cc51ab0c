/** yarn's hooks: `validateProject` judges before anything is resolved, `reduceDependency` refuses what the judged lockfile does not hold. */
import { judge, unseen } from './judge.ts';

/** A yarn project, as far as it is used. `storedDescriptors` is what yarn.lock holds until yarn has resolved anew. */
export type YarnProject = { readonly cwd: string; readonly storedDescriptors: ReadonlyMap<string, unknown> };

/** What yarn asks a package for: `scope` without its at-sign. */
export type YarnDescriptor = {
  readonly descriptorHash: string;
  readonly scope: string | null;
  readonly name: string;
  readonly range: string;
};

/** The two hooks of one yarn process. */
export type YarnHooks = {
  readonly validateProject: (
    project: YarnProject,
    report: { readonly reportError: (code: number, text: string) => void },
  ) => Promise<void>;
  readonly reduceDependency: (descriptor: YarnDescriptor, project: YarnProject) => YarnDescriptor;
};

/** yarn's code for a message of no kind of its own. */
const UNNAMED = 0;

/** Hooks that share what they know: nothing is refused before a judgement, such as in `yarn run`. */
export function createYarnHooks(world: NodeJS.Process): YarnHooks {
  const locked = new Map<YarnProject, ReadonlySet<string>>();
  return {
    async validateProject(project, report) {
      const judgement = await judge(world, { gate: 'yarn', project: project.cwd });
      if (judgement.kind === 'refused') report.reportError(UNNAMED, judgement.because);
      if (judgement.kind === 'met') locked.set(project, new Set(project.storedDescriptors.keys()));
    },
    reduceDependency(descriptor, project) {
      const known = locked.get(project);
      const { scope, name, range, descriptorHash } = descriptor;
      if (known === undefined || known.has(descriptorHash) || isOwn(range)) return descriptor;
      const version = range.replace(/^npm:/, '');
      throw new Error(unseen({ name: scope === null ? name : `@${scope}/${name}`, version }));
    },
  };
}

/** Folders and patches of the project itself: yarn.lock names them together with where they were asked for. */
function isOwn(range: string): boolean {
  return ['workspace:', 'link:', 'portal:', 'file:', 'patch:'].some((protocol) => range.startsWith(protocol));
}

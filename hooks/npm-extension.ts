/** npm 12's extension: judges before npm resolves anything, and refuses every manifest the judged lockfile does not hold. */
import { type ClaimedId, type Judgement, judge, unseen } from './judge.ts';

/** The extension of one npm process; both throw to stop it. */
export type NpmExtension = {
  readonly judge: (project: string) => Promise<void>;
  /** npm calls it for every manifest it resolves anew, before it fetches the tarball. */
  readonly admit: <Manifest extends ClaimedId>(manifest: Manifest) => Manifest;
};

/** An extension that admits nothing before it has judged. */
export function createNpmExtension(world: NodeJS.Process): NpmExtension {
  const state: { judgement?: Judgement } = {};
  return {
    async judge(project) {
      state.judgement = await judge(world, { gate: 'npm extension', project });
      if (state.judgement.kind === 'refused') throw new Error(state.judgement.because);
    },
    admit(manifest) {
      const { judgement } = state;
      if (judgement?.kind === 'not-asked') return manifest;
      if (judgement?.kind === 'met' && judgement.holds(manifest)) return manifest;
      throw new Error(unseen(manifest));
    },
  };
}

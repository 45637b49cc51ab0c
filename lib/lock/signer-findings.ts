/** Words what changed about a signer, for a reviewer. */
import type { FindingKind, Standing, TrustFinding } from '../model/diff.ts';
import type { LockedSigner } from '../model/lock.ts';
import { compareSigners, type SignerChange, type SignerComparison } from '../text/signer.ts';

/** Two versions that are both proved, and their signers. */
export type SignedPair = {
  readonly before: Standing & { readonly signer: LockedSigner };
  readonly after: Standing & { readonly signer: LockedSigner };
};

/** One finding for each thing that is different about the signer. */
export function signerFindings(pair: SignedPair): readonly TrustFinding[] {
  const { changes, repository } = compareSigners(pair.before.signer, pair.after.signer);
  return changes
    .filter(({ what }) => !isToldElsewhere(what, repository))
    .map((change) => findingOf(change, { pair, repository }));
}

/** The numbers say what became of the repository; the finding about its name tells it. */
function isToldElsewhere(what: keyof LockedSigner, repository: SignerComparison['repository']): boolean {
  return (what === 'repositoryId' || what === 'ownerId') && repository !== 'same';
}

type Context = { readonly pair: SignedPair; readonly repository: SignerComparison['repository'] };

function findingOf(change: SignerChange, context: Context): TrustFinding {
  const { what, was } = change;
  const is = change.is ?? 'not stated';
  switch (what) {
    case 'repository':
      return repositoryFinding(context, `${was} → ${is}`);
    case 'repositoryId':
      return alarm(
        'repository-changed',
        `a repository of the same name, but another one: its number was ${was}, is ${is}`,
      );
    case 'ownerId':
      return alarm(
        'repository-changed',
        `an owner of the same name, but another one: the number was ${was}, is ${is}`,
      );
    case 'refClass':
      return refFinding(context.pair);
    case 'issuer':
      return alarm('issuer-changed', `vouched for by another issuer: ${was} → ${is}`);
    case 'subject':
      return alarm('subject-changed', `signed by somebody else: ${was} → ${is}`);
    case 'workflow':
      return alarm('workflow-changed', `built by another workflow: ${was} → ${is}`);
    case 'builder':
      return alarm('builder-changed', `signed by another builder: ${was} → ${is}`);
    case 'trigger':
      return alarm('trigger-changed', `its build was started by ${is}; before, by ${was}`);
  }
}

function repositoryFinding({ pair: { after }, repository }: Context, names: string): TrustFinding {
  const id = after.signer.repositoryId ?? '';
  switch (repository) {
    case 'renamed':
      return {
        kind: 'repository-renamed',
        weight: 'caution',
        text: `the repository was renamed: ${names}; repository (${id}) and owner are the same by their numeric ids`,
      };
    case 'moved':
      return alarm(
        'repository-moved',
        `the repository moved to another owner: ${names}; it is the same one by its numeric id (${id})`,
      );
    case 'same':
    case 'other':
      return alarm('repository-changed', `built from another repository: ${names}`);
  }
}

function refFinding({ before, after }: SignedPair): TrustFinding {
  const from = refWords(after);
  const text = `built from ${from}; before, from ${refWords(before)}`;
  const weight = after.signer.refClass === 'tag' ? 'caution' : 'alarm';
  return { kind: 'ref-changed', weight, text };
}

function refWords({ ref, signer }: SignedPair['before']): string {
  if (ref === undefined) return 'no ref that the certificate states';
  const name = ref.replace(/^refs\/(?:heads|tags)\//, '');
  if (signer.refClass === 'tag') return `the tag ${name}`;
  return signer.refClass === 'branch' ? `the branch ${name}` : `${ref}, which is neither tag nor branch`;
}

function alarm(kind: FindingKind, text: string): TrustFinding {
  return { kind, weight: 'alarm', text };
}

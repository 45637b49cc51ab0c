/** Says who signed, as the signer lock remembers it, and what is different about another signer. */
import type { Identity } from '../model/evidence.ts';
import type { LockedSigner, RefClass } from '../model/lock.ts';
import { matchesRepository } from './pattern.ts';
import { workflowWithoutRef } from './workflow-uri.ts';

/** One fact about a signer that is no longer what it was. `is` is absent where nothing states it any more. */
export type SignerChange = {
  readonly what: keyof LockedSigner;
  readonly was: string;
  readonly is?: string;
};

/** How a signer compares with an earlier one. Without changes it is the same signer. */
export type SignerComparison = {
  readonly changes: readonly SignerChange[];
  /**
   * `renamed`: another name for the same repository of the same owner, by their numeric ids. `moved`: the same repository in the hands of
   * another owner. Both are changes still: somebody has to say that they were meant.
   */
  readonly repository: 'same' | 'renamed' | 'moved' | 'other';
};

/** What the lock remembers of an identity: everything that stays from one honest release to the next. */
export function signerOf(identity: Identity): LockedSigner {
  const { issuer, repository, repositoryId, ownerId, workflow, trigger } = identity;
  const builder = foreignBuilderOf(identity);
  const refClass = refClassOf(identity.ref);
  return {
    issuer,
    ...(repository === undefined ? { subject: identity.subject } : { repository }),
    ...(repositoryId === undefined ? {} : { repositoryId }),
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(builder === undefined ? {} : { builder }),
    ...(refClass === undefined ? {} : { refClass }),
    ...(trigger === undefined ? {} : { trigger }),
  };
}

/** What the earlier signer states is compared, and nothing else. */
export function compareSigners(was: LockedSigner, is: LockedSigner): SignerComparison {
  const repository = compareRepositories(was, is);
  const changes = [
    ...change('issuer', was, is),
    ...change('subject', was, is),
    ...(repository === 'same' ? [] : alteration('repository', was, is)),
    ...change('repositoryId', was, is),
    ...change('ownerId', was, is),
    ...change('workflow', was, is),
    ...builderChange(was, is),
    ...change('refClass', was, is),
    ...change('trigger', was, is),
  ];
  return { changes, repository };
}

const WORDS: { readonly [What in keyof LockedSigner]-?: string } = {
  issuer: 'issuer',
  subject: 'subject',
  repository: 'repository',
  repositoryId: 'repository id',
  ownerId: 'owner id',
  workflow: 'workflow',
  builder: 'builder',
  refClass: 'ref',
  trigger: 'trigger',
};

/** What a person calls a fact about a signer: `repository id`. */
export function signerWords(what: keyof LockedSigner): string {
  return WORDS[what];
}

/** What kind of ref a run started from. */
export function refClassOf(ref: string | undefined): RefClass | undefined {
  if (ref === undefined) return undefined;
  if (ref.startsWith('refs/tags/')) return 'tag';
  return ref.startsWith('refs/heads/') ? 'branch' : 'other';
}

type Facts = Pick<LockedSigner, 'repository' | 'workflow' | 'builder'>;

/** The builder without its ref, which each release changes; `undefined` where it is the workflow itself. GitLab writes two slashes. */
function foreignBuilderOf({ repository, workflow, builder }: Facts): string | undefined {
  if (builder === undefined) return undefined;
  const bare = workflowWithoutRef(builder);
  if (repository === undefined || workflow === undefined) return bare;
  return bare === `${repository}/${workflow}` || bare === `${repository}//${workflow}` ? undefined : bare;
}

function compareRepositories(was: LockedSigner, is: LockedSigner): SignerComparison['repository'] {
  if (was.repository === undefined) return 'same';
  if (is.repository !== undefined && isSameRepository(was.repository, is.repository)) return 'same';
  const sameId = was.issuer === is.issuer && isStated(was.repositoryId, is.repositoryId);
  if (!sameId || is.repository === undefined) return 'other';
  return isStated(was.ownerId, is.ownerId) ? 'renamed' : 'moved';
}

// The earlier name is the pattern's side, so a wildcard in it is refused before it can match another name.
function isSameRepository(was: string, is: string): boolean {
  return was === is || (!/[*?]/.test(was) && matchesRepository(is, was));
}

/** Both state it, and the same. */
function isStated(was: string | undefined, is: string | undefined): boolean {
  return was !== undefined && was === is;
}

function change(what: keyof LockedSigner, was: LockedSigner, is: LockedSigner): readonly SignerChange[] {
  return was[what] === is[what] ? [] : alteration(what, was, is);
}

function alteration(what: keyof LockedSigner, was: LockedSigner, is: LockedSigner): readonly SignerChange[] {
  const [before, after] = [was[what], is[what]];
  if (before === undefined) return [];
  return [{ what, was: before, ...(after === undefined ? {} : { is: after }) }];
}

/** A signer that names a workflow and no builder was its own builder. */
function builderChange(was: LockedSigner, is: LockedSigner): readonly SignerChange[] {
  const [before, after] = [foreignBuilderOf(was), foreignBuilderOf(is)];
  if (before === after || (before === undefined && was.workflow === undefined)) return [];
  return [{ what: 'builder', was: before ?? OWN_WORKFLOW, is: after ?? OWN_WORKFLOW }];
}

const OWN_WORKFLOW = "the repository's own workflow";

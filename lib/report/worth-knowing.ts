/** Plain facts about proved provenance that have mattered in attacks; they inform, they judge nothing. */
import type { Identity } from '../model/evidence.ts';

/** Events that people without write access to the repository can cause, and how. */
const OUTSIDE_TRIGGERS: ReadonlyMap<string, string> = new Map([
  [
    'pull_request_target',
    "a stranger's pull request can start it, and it runs with the repository's own secrets",
  ],
  ['issue_comment', 'anyone who may comment on an issue can start it'],
  ['issues', 'anyone who may open an issue can start it'],
  ['discussion', 'anyone who may open a discussion can start it'],
  ['discussion_comment', 'anyone who may comment on a discussion can start it'],
  ['workflow_run', 'another workflow started it, which a stranger may have started'],
  ['fork', 'anyone who forks the repository can start it'],
  ['watch', 'anyone who stars the repository can start it'],
]);

/** Can people without write access to the repository cause this event? */
export function isOutsideTrigger(trigger: string): boolean {
  return OUTSIDE_TRIGGERS.has(trigger);
}

/** What a reader should not overlook in an identity: one sentence each, in a fixed order. */
export function worthKnowing(identity: Identity): readonly string[] {
  return [
    triggerFact(identity),
    refFact(identity),
    runnerFact(identity),
    builderFact(identity),
    signerFact(identity),
    visibilityFact(identity),
  ].filter((fact) => fact !== undefined);
}

function triggerFact({ trigger }: Identity): string | undefined {
  const how = trigger === undefined ? undefined : OUTSIDE_TRIGGERS.get(trigger);
  return how === undefined ? undefined : `started by ${trigger}: ${how}`;
}

function refFact({ ref }: Identity): string | undefined {
  if (ref === undefined || ref.startsWith('refs/tags/')) return undefined;
  if (ref.startsWith('refs/heads/')) {
    return `built from the branch ${ref.slice('refs/heads/'.length)}, not from a tag`;
  }
  return `built from ${ref}, which is neither a tag nor a branch`;
}

function runnerFact({ runner }: Identity): string | undefined {
  return runner === 'self-hosted'
    ? 'built on a self-hosted runner: what else runs on that machine is not known'
    : undefined;
}

function builderFact({ builder, repository }: Identity): string | undefined {
  if (builder === undefined || repository === undefined) return undefined;
  // Case decides nothing here: the repository is named for the reader, who judges.
  const inside = builder.toLowerCase().startsWith(`${repository.toLowerCase()}/`);
  return inside ? undefined : `the workflow that signed lives in another repository: ${builder}`;
}

function signerFact({ repository, subject }: Identity): string | undefined {
  return repository === undefined ? `signed by ${subject}, not by a build of a repository` : undefined;
}

function visibilityFact({ visibility }: Identity): string | undefined {
  return visibility === undefined || visibility === 'public'
    ? undefined
    : `the repository was ${visibility} when this was signed`;
}

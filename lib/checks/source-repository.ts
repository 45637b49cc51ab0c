/** Was it built from an allowed repository? */
import type { Identity } from '../model/evidence.ts';
import type { Answer } from '../model/report.ts';
import { matchesRepository } from '../text/pattern.ts';
import { defineCheck, fail, pass } from './define.ts';
import { askIdentity } from './identity.ts';
import { listed, quoted } from './words.ts';

/** Do repository, repository id and owner id each match what the policy gives for them? */
export const sourceRepository = defineCheck({
  id: 'source-repository',
  question: 'Was it built from an allowed repository?',
  about:
    'Valid provenance only says that somebody built it somewhere. A name can be taken over after its owner deletes it; the numeric ' +
    'ids of repository and owner cannot. Each of allow, ids and ownerIds that is given must match.',
  restsOn: 'proof',
  ask(subject, options) {
    return askIdentity(subject, ({ identity }) => {
      const { allow, ids, ownerIds } = options;
      if (allow.length + ids.length + ownerIds.length === 0) {
        return fail(
          `built from ${quoted(identity.repository ?? 'an unnamed repository')}, and the policy allows none`,
          'Name the repository in allow, or its numbers in ids or ownerIds.',
        );
      }
      return (
        nameAnswer(identity, allow) ??
        idAnswer({ what: 'repository', id: identity.repositoryId, allow: ids }) ??
        idAnswer({ what: 'owner', id: identity.ownerId, allow: ownerIds }) ??
        pass(`built from ${quoted(identity.repository ?? 'an unnamed repository')}`)
      );
    });
  },
});

function nameAnswer({ repository }: Identity, allow: readonly string[]): Answer | undefined {
  if (allow.length === 0) return undefined;
  if (repository === undefined) return fail('the certificate names no repository');
  if (allow.some((glob) => matchesRepository(repository, glob))) return undefined;
  return fail(
    `built from ${quoted(repository)}; allowed: ${listed(allow)}`,
    'Do not install this version unless the project says it has moved; then change allow.',
  );
}

type NumberedId = {
  readonly what: string;
  readonly id: string | undefined;
  readonly allow: readonly string[];
};

function idAnswer({ what, id, allow }: NumberedId): Answer | undefined {
  if (allow.length === 0) return undefined;
  if (id === undefined) return fail(`the certificate carries no ${what} id; allowed: ${listed(allow)}`);
  if (allow.includes(id)) return undefined;
  return fail(
    `the ${what} id is ${quoted(id)}; allowed: ${listed(allow)}`,
    'The name may have been taken over by somebody else. Do not install this version.',
  );
}

/** Was it built by an allowed workflow file, and an allowed reusable builder? */
import type { Identity, Provenance } from '../model/evidence.ts';
import type { Answer } from '../model/report.ts';
import { matchesGlob, matchesRepository } from '../text/pattern.ts';
import { workflowWithoutRef } from '../text/workflow-uri.ts';
import { defineCheck, fail, pass } from './define.ts';
import { askIdentity } from './identity.ts';
import { listed, quoted } from './words.ts';

const HINT =
  'Do not install this version unless the project has changed how it releases; then change the policy.';
const RUNNER = 'https://github.com/actions/runner';

/** Do the caller's workflow file and the builder each match what the policy gives for them? */
export const buildWorkflow = defineCheck({
  id: 'build-workflow',
  question: 'Was it built by an allowed workflow file (and reusable builder)?',
  about:
    'Any workflow of a repository that may ask for an identity token can sign; only the release workflow should. `allow` names ' +
    "workflow files of the source repository. When that file calls a reusable workflow elsewhere, the certificate's builder is " +
    'that other workflow: `allow` alone then passes and the answer says so, and `builders` pins it, with @ref or without. The ' +
    'runner id a build states (https://github.com/actions/runner/github-hosted) counts as builder where the certificate backs it.',
  restsOn: 'proof',
  ask(subject, { allow, builders }) {
    return askIdentity(subject, (provenance) => {
      const { identity } = provenance;
      if (allow.length + builders.length === 0) {
        return fail(
          `built by ${quoted(identity.workflow ?? 'an unnamed workflow')}, and the policy allows none`,
          'Name the workflow file in allow, or the builder in builders.',
        );
      }
      return (
        workflowAnswer(identity, allow) ??
        builderAnswer(provenance, builders) ??
        pass(builtBy(identity, builders))
      );
    });
  },
});

function workflowAnswer({ workflow }: Identity, allow: readonly string[]): Answer | undefined {
  if (allow.length === 0) return undefined;
  if (workflow === undefined) return fail('the certificate names no workflow file');
  if (allow.some((glob) => matchesGlob(workflow, glob))) return undefined;
  return fail(`built by ${quoted(workflow)}; allowed: ${listed(allow)}`, HINT);
}

function builderAnswer(provenance: Provenance, builders: readonly string[]): Answer | undefined {
  if (builders.length === 0) return undefined;
  const names = builderNames(provenance);
  if (builders.some((glob) => names.some((name) => isBuilder(name, glob)))) return undefined;
  const found = names[0];
  return found === undefined
    ? fail(`the certificate names no builder; allowed: ${listed(builders)}`)
    : fail(`the builder is ${quoted(found)}; allowed: ${listed(builders)}`, HINT);
}

/** What the builder may be called: by its certificate, and by the runner id that the certificate confirms. */
function builderNames({ identity, builder }: Provenance): readonly string[] {
  const certified = identity.builder === undefined ? [] : [identity.builder];
  return builder !== undefined && isBackedRunner(builder, identity) ? [...certified, builder] : certified;
}

// The predicate is the build's own story (SPEC 4.4). A runner id in it adds nothing to what the certificate says about
// the runner, so it is read as another spelling of that. Older npm statements leave the kind of runner out.
function isBackedRunner(builder: string, { runner }: Identity): boolean {
  return runner !== undefined && (builder === RUNNER || builder === `${RUNNER}/${runner}`);
}

/** A pattern without `@` names the workflow at any ref. */
function isBuilder(name: string, glob: string): boolean {
  return matchesGlob(name, glob) || (!glob.includes('@') && matchesGlob(workflowWithoutRef(name), glob));
}

function builtBy({ workflow, builder, repository }: Identity, builders: readonly string[]): string {
  const caller = `built by ${quoted(workflow ?? builder ?? 'the allowed builder')}`;
  if (builder === undefined || repository === undefined) return caller;
  if (matchesRepository(builder, `${literal(repository)}/**`)) return caller;
  const note = builders.length === 0 ? ', which no builders option pins' : '';
  return `${caller}, through the reusable workflow ${quoted(builder)}${note}`;
}

/** A repository as a pattern for itself. A name with a wildcard in it is no repository's; it then matches nothing. */
function literal(repository: string): string {
  return /[*?]/.test(repository) ? '' : repository;
}

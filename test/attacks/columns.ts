/** The three columns of ATTACKS.md: the preset alone, with identities pinned, and with the signers of the version before locked. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { main } from '../../lib/cli/main.ts';
import { aHost } from '../support/host.ts';
import type { Published } from '../support/registry/index.ts';
import { aCase, type Case, type CaseRequest, homeEnvironment, type PolicyJson, type World } from './world.ts';

/** Under which policy a row is judged. */
export type Column = 'recommended' | 'pinned' | 'locked';

/** Every column, in the order of the table. */
export const COLUMNS: readonly Column[] = ['recommended', 'pinned', 'locked'];

/** The identity rules of SPEC 3 for one package: this repository, the version's own tag, the release workflow, a push or a release. */
export function pinned(name: string, repository = `https://github.com/acme/${name}`): PolicyJson {
  const checks = {
    provenance: 'error',
    'source-repository': ['error', { allow: [repository], ids: ['71995937'] }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy's own placeholder
    'source-ref': ['error', { allow: ['refs/tags/v${version}'] }],
    'build-workflow': ['error', { allow: ['.github/workflows/release.yml'] }],
    'build-trigger': ['error', { allow: ['push', 'release'] }],
  };
  return { overrides: [{ packages: [name], checks }] };
}

/** Checks that fail besides `provenance` when a pinned package has none: there is no identity to read. */
export const IDENTITY_CHECKS = [
  'source-repository',
  'source-ref',
  'build-workflow',
  'build-trigger',
] as const;

/** A case in one of the columns. `before` is the version whose signers are locked. */
export async function inColumn(
  world: World,
  column: Column,
  request: CaseRequest & { readonly name: string; readonly before: Published },
): Promise<Case> {
  switch (column) {
    case 'recommended':
      return aCase(world, request);
    case 'pinned':
      return aCase(world, { ...request, policy: { ...request.policy, ...pinned(request.name) } });
    case 'locked': {
      const found = aCase(world, request);
      found.write('npmsign.lock.json', await lockOf(world, [request.before]));
      return found;
    }
  }
}

/** The signer lock that `npmsign lock` writes for a project that depends on these versions. */
export async function lockOf(world: World, versions: readonly Published[]): Promise<string> {
  const locking = aCase(world, { packages: versions });
  const host = aHost({ cwd: locking.dir, now: world.now, env: homeEnvironment() });
  const code = await main(['lock'], host);
  assert.equal(code, 0, `${host.stdout()}${host.stderr()}`);
  return readFileSync(locking.file('npmsign.lock.json'), 'utf8');
}

/** Tests of whether a lockfile holds what package.json asks for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lockstepOf } from '../../hooks/lockstep.ts';
import { aProject } from '../support/project.ts';

type Manifest = Readonly<Record<string, unknown>>;

function kindFor(
  packageJson: Manifest,
  root: Manifest,
  inner?: { readonly manifest: Manifest; readonly entry: Manifest },
) {
  const workspace = inner && { 'packages/inner': inner.entry, 'node_modules/inner': { link: true } };
  const { dir } = aProject({
    packageJson,
    lockfile: {
      lockfileVersion: 3,
      packages: { '': root, 'node_modules/a': { dependencies: { x: '1' } }, ...workspace },
    },
    files: inner ? { 'packages/inner/package.json': inner.manifest } : {},
  });
  return lockstepOf({ cwd: dir });
}

describe('a lockfile', () => {
  const a1 = { dependencies: { a: '^1.0.0' } };
  const cases = [
    ['is in step with what it recorded', a1, a1, 'in-step'],
    ['is in step with less than it recorded', {}, a1, 'in-step'],
    [
      'is in step where a dependency is listed as another kind',
      { optionalDependencies: { a: '^1.0.0' } },
      a1,
      'in-step',
    ],
    ['is behind a new name', { dependencies: { a: '^1.0.0', evil: '*' } }, a1, 'ahead'],
    ['is behind another range', { dependencies: { a: '^1.0.1' } }, a1, 'ahead'],
    ['is behind a new development dependency', { ...a1, devDependencies: { evil: '1' } }, a1, 'ahead'],
    ['is behind a new peer dependency', { ...a1, peerDependencies: { evil: '1' } }, a1, 'ahead'],
    ['is behind a name every object has', { dependencies: { constructor: '1' } }, {}, 'ahead'],
  ] as const;
  for (const [name, packageJson, root, expected] of cases) {
    it(name, async () => assert.equal((await kindFor(packageJson, root)).kind, expected));
  }

  it('is in step with a workspace it recorded', async () => {
    const inner = { manifest: a1, entry: { name: 'inner', ...a1 } };
    assert.equal((await kindFor({}, {}, inner)).kind, 'in-step');
  });

  it('is behind a workspace that asks for more', async () => {
    const inner = { manifest: { dependencies: { evil: '1' } }, entry: { name: 'inner', ...a1 } };
    assert.deepEqual(await kindFor({}, {}, inner), {
      kind: 'ahead',
      because: 'package.json asks for evil@1, which the lockfile does not record',
    });
  });

  it('is behind everything where it recorded nothing', async () => {
    const { dir } = aProject({ packageJson: a1, lockfile: { lockfileVersion: 3, packages: {} } });
    assert.equal((await lockstepOf({ cwd: dir })).kind, 'ahead');
  });
});

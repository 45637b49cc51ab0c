/** What real package managers put into node_modules is what the tarballs hold, and one byte more is not. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import type { InstalledFinding } from '../../lib/model/installed.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type Alter, aWorld, MANAGERS, type World } from './world.ts';

describe('npmsign verify --installed', () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  after(() => world.close());

  const compare = (name: string, alter?: Alter) => world.compare(name, alter);

  for (const name of MANAGERS) {
    it(`finds that ${name} wrote what the tarballs hold, and tells what a script added`, async () => {
      const { code, err, compared, findings } = await compare(name);
      assert.deepEqual([code, err, compared], [0, '', 4]);
      assert.deepEqual(
        findings.map(({ package: spec, kind, extra }) => [spec, kind, extra]),
        [['scripted@1.0.0', 'scripted', ['written.txt']]],
      );
    });

    const tampered: readonly (readonly [string, Alter, Partial<InstalledFinding>])[] = [
      [
        'a changed byte',
        (file) => appendFileSync(file('good/index.js'), ' '),
        { kind: 'differs', changed: ['index.js'] },
      ],
      [
        'a missing file',
        (file) => unlinkSync(file('good/lib/a.js')),
        { kind: 'differs', missing: ['lib/a.js'] },
      ],
      [
        'an extra file',
        (file) => writeFileSync(file('good/lib/.b.js'), ''),
        { kind: 'differs', extra: ['lib/.b.js'] },
      ],
      [
        'a file turned into a link',
        (file) => link(file('good/index.js')),
        { kind: 'differs', changed: ['index.js'] },
      ],
    ];
    for (const [what, alter, expected] of tampered) {
      it(`finds ${what} in what ${name} installed`, async () => {
        const { code, findings } = await compare(name, alter);
        assert.equal(code, 1);
        const finding = findings.find(({ package: spec }) => spec === 'good@1.0.0');
        assert.ok(finding);
        assert.deepEqual({ ...finding, ...expected }, finding);
      });
    }

    it(`finds a package that is not in the lockfile of ${name}`, async () => {
      const { code, findings } = await compare(name, (file) => {
        mkdirSync(file('node_modules/@rogue/one'), { recursive: true });
        writeFileSync(
          file('node_modules/@rogue/one/package.json'),
          '{"name":"@rogue/one","version":"1.0.0"}',
        );
      });
      assert.equal(code, 1);
      assert.ok(
        findings.some(({ folder, kind }) => folder === 'node_modules/@rogue/one' && kind === 'foreign'),
      );
    });
  }

  it('finds a package put in the place of another', async () => {
    const { code, findings } = await compare('npm', (file) => {
      rmSync(file('node_modules/inner'), { recursive: true });
      cpSync(file('node_modules/good/node_modules/inner'), file('node_modules/inner'), { recursive: true });
    });
    assert.equal(code, 1);
    assert.equal(findings[0]?.package, 'inner@2.0.0');
  });

  it('finds a link that leads out of the project', { skip: process.platform === 'win32' }, async () => {
    const { code, findings } = await compare('npm', (file) =>
      symlinkSync(aTempDirectory('else'), file('node_modules/linked')),
    );
    assert.equal(code, 1);
    assert.match(findings[0]?.because ?? '', /leads out of the project/);
  });

  it('is unverified where nothing is installed', async () => {
    const { code } = await compare('npm', (file) => rmSync(file('node_modules'), { recursive: true }));
    assert.equal(code, 3);
  });

  it('is unverified where the tarball is not the one that is pinned', async () => {
    world.registry.misbehave({ on: ['tarball'] }, { kind: 'status', status: 404 });
    const { code, findings } = await compare('npm');
    world.registry.behave();
    assert.equal(code, 3);
    assert.ok(findings.every(({ kind }: InstalledFinding) => kind === 'unknown'));
  });

  it('takes tarballs from the cache of npm, but no others than the lockfile pins', async () => {
    const { dir } = world.installed('npm');
    const home = aTempDirectory('home');
    const lock = JSON.parse(readFileSync(path.join(dir, 'package-lock.json'), 'utf8'));
    for (const { integrity, resolved } of Object.values<Record<string, string>>(lock.packages)) {
      if (integrity === undefined || resolved === undefined) continue;
      const hex = Buffer.from(integrity.slice(7), 'base64').toString('hex');
      const folder = path.join(home, 'cache/_cacache/content-v2/sha512', hex.slice(0, 2), hex.slice(2, 4));
      mkdirSync(folder, { recursive: true });
      const bytes = Buffer.from(await (await fetch(resolved)).arrayBuffer());
      writeFileSync(path.join(folder, hex.slice(4)), resolved.includes('inner-2') ? 'poisoned' : bytes);
    }
    world.registry.forgetRequests();
    const host = aHost({ cwd: dir, env: { HOME: home, npm_config_cache: path.join(home, 'cache') } });
    assert.equal(await main(['verify', '--installed'], host), 0, host.stdout());
    const asked = world.registry.requests.flatMap(({ route }) =>
      route.kind === 'tarball' ? [route.name] : [],
    );
    assert.deepEqual(asked, ['inner']);
  });
});

function link(file: string): void {
  const text = readFileSync(file);
  unlinkSync(file);
  writeFileSync(`${file}.real`, text);
  symlinkSync(`${path.basename(file)}.real`, file);
}

/** What is planted in node_modules is found, whatever it pretends to be. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Alter, aWorld, MANAGERS, type World } from './world.ts';

describe('npmsign verify --installed', () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  after(() => world.close());

  const compare = (name: string, alter?: Alter) => world.compare(name, alter);

  const evil = (folder: string, manifest: object = { name: 'good', version: '1.0.0' }): void => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(path.join(folder, 'index.js'), 'evil');
  };

  for (const name of MANAGERS) {
    it(`finds a package of ${name} that was replaced by a link to another folder of the project`, async () => {
      const { code, findings } = await compare(name, (file) => {
        evil(file('node_modules/.cache/evil'));
        rmSync(file('node_modules/good'), { recursive: true });
        symlinkSync('.cache/evil', file('node_modules/good'));
      });
      assert.equal(code, 1, JSON.stringify(findings));
    });

    it(`finds a folder of ${name} in the place of its workspace`, async () => {
      const { code, findings } = await compare(name, (file) => {
        rmSync(file('node_modules/own'), { recursive: true, force: true });
        evil(file('node_modules/own'), { name: 'own', version: '1.0.0' });
      });
      assert.equal(code, 1, JSON.stringify(findings));
    });

    it(`finds a package of ${name} whose folder claims to be a workspace`, async () => {
      for (const version of ['1.0.0', '', '0.0.0', '0.0.0-use.local']) {
        const { code, findings } = await compare(name, (file) =>
          evil(file('good'), { name: 'own', version }),
        );
        assert.equal(code, 1, version + JSON.stringify(findings));
      }
    });

    it(`${name === 'pnpm' ? 'cannot tell' : 'finds'} a command of ${name} that was replaced`, async () => {
      const { code, findings } = await compare(name, (file) => {
        rmSync(file('node_modules/.bin/good'));
        writeFileSync(file('node_modules/.bin/good'), '#!/bin/sh\necho evil\n', { mode: 0o755 });
      });
      // Known limit: pnpm writes scripts of its own there, another text with nearly every release. That is told.
      assert.equal(code, name === 'pnpm' ? 0 : 1, JSON.stringify(findings));
    });

    it(`${name === 'npm' ? 'finds' : 'cannot tell'} a locked package of ${name} in the folder of another name`, async () => {
      const { code, findings } = await compare(name, (file) => {
        rmSync(file('node_modules/inner'), { recursive: true });
        cpSync(file('good'), file('node_modules/inner'), { recursive: true, dereference: true });
      });
      // Known limit: under which aliases a package may lie, these lockfiles say with each dependent.
      assert.equal(code, name === 'npm' ? 1 : 0, JSON.stringify(findings));
    });

    it(`finds a hook beside the packages of ${name}, which pnpm would run`, async () => {
      const { code, findings } = await compare(name, (file) => {
        mkdirSync(file('node_modules/.hooks'));
        writeFileSync(file('node_modules/.hooks/postinstall'), '#!/bin/sh\necho evil\n', { mode: 0o755 });
      });
      assert.equal(code, 1);
      assert.deepEqual(
        findings.filter(({ kind }) => kind === 'foreign').map(({ folder }) => folder),
        ['node_modules/.hooks/postinstall'],
      );
    });

    it(`passes what ${name} itself installed, and names what it compared with nothing`, async () => {
      const { code, findings, unseen, err } = await compare(name);
      assert.equal(code, 0, err + JSON.stringify(findings));
      // Links elsewhere; on Windows every manager writes scripts.
      const scripts = name === 'pnpm' || process.platform === 'win32' ? ['node_modules/.bin'] : [];
      assert.deepEqual(unseen, scripts);
      const more = await compare(name, (file) => evil(file('node_modules/.vite/deps')));
      assert.deepEqual([more.code, more.unseen], [0, [...scripts, 'node_modules/.vite']]);
    });
  }

  it('finds what is planted beside the store of pnpm', async () => {
    const { code, findings } = await compare('pnpm', (file) =>
      evil(file('node_modules/.pnpm/node_modules/phantom')),
    );
    assert.equal(code, 1, JSON.stringify(findings));
  });

  it('finds what is planted beside the store of bun', async () => {
    const { code, findings } = await compare('bun', (file) =>
      evil(file('node_modules/.bun/node_modules/phantom')),
    );
    assert.equal(code, 1, JSON.stringify(findings));
  });
});

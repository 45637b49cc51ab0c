/** The demo as a person runs it, and that it would notice if npmsign let an attack through. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type Attack, attacks } from '../../examples/demo/attacks.ts';
import { gateCall } from '../../examples/demo/shop.ts';
import { createStage } from '../../examples/demo/stage.ts';
import { tellStory } from '../../examples/demo/story.ts';
import { buildCommandInto, buildGateInto } from '../../scripts/build.ts';
import { projectRoot } from '../support/corpus.ts';
import { cleanEnvironment, type Npm, npmOf, ownNpm, run } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';

describe('the demo', () => {
  const built = aTempDirectory('demo-build');
  before(async () => {
    await buildCommandInto(built);
    await buildGateInto(built);
  });

  async function tell(npm: Npm, chosen: readonly Attack[], color = false) {
    const shown: string[] = [];
    const stage = createStage((text) => shown.push(text), { color });
    const cast = { npm, npmsign: path.join(built, 'bin.mjs'), color };
    const surprises = await tellStory({ stage, cast, gate: path.join(built, 'gate.mjs'), attacks: chosen });
    return { surprises, shown: shown.join('') };
  }

  it('shows every refusal with the npm at hand, fits few screens, and leaves nothing behind', async () => {
    const temporary = path.join(aTempDirectory('demo-tmp'), 'tmp');
    mkdirSync(temporary);
    const env = { ...cleanEnvironment(), TMPDIR: temporary, TEMP: temporary, TMP: temporary };
    const script = path.join(projectRoot, 'examples/demo/demo.ts');
    const npm = { npm_execpath: ownNpm().npmCli };
    const options = { cwd: projectRoot, env: { ...env, ...npm } };
    const { code, stdout, stderr } = await run(process.execPath, ['--import', 'tsx', script, built], options);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.ok(attacks.length >= 6);
    for (const { title, refusedBy } of attacks) {
      assert.ok(stdout.includes(`. ${title}\n`), title);
      assert.match(stdout, new RegExp(`^${title} +fail +${refusedBy[0]} +1 +0$`, 'm'));
    }
    assert.match(stdout, /7 attacks, 7 refusals/);
    assert.ok(stdout.split('\n').length <= 165, `${stdout.split('\n').length} lines`);
    assert.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith('npmsign-')),
      [],
    );
  });

  it('has npm ci alone stopped by the gate where npm calls it first', async () => {
    const chosen = attacks.filter(({ refusedBy }) => refusedBy.includes('install-script'));
    const { surprises, shown } = await tell(await npmOf(12), chosen);
    assert.deepEqual(surprises, []);
    assert.match(shown, /npm ci alone: exit 1, stopped by the gate/);
    assert.doesNotMatch(shown, /checked late/);
  });

  it('notices an attack that is not refused', async () => {
    const harmless: Attack = {
      title: 'No attack',
      tale: 'Nothing was tampered with.',
      prepare: (shop) => shop.project(),
      refusedBy: ['provenance'],
    };
    const { surprises, shown } = await tell(ownNpm(), [harmless]);
    assert.deepEqual(surprises, [
      'No attack: npmsign verify ended with 0, not 1',
      'No attack: provenance did not refuse it',
      'No attack: npm ci installed it',
      'No attack: @acme/lib postinstall ran',
      'No attack: 3 tarballs were fetched',
      'No attack: @acme/lib, @acme/tiny, pad-right lie in node_modules',
    ]);
    assert.match(shown, /✖ No attack: npm ci installed it/);
  });

  it('says the same in colour', async () => {
    const [first] = attacks;
    assert.ok(first);
    const { surprises, shown } = await tell(ownNpm(), [first], true);
    assert.deepEqual(surprises, []);
    assert.notEqual(shown, stripVTControlCharacters(shown));
    assert.match(stripVTControlCharacters(shown), /refused likewise by registry-signature/);
  });
});

describe('the gate of the demo', () => {
  it('is called by the path of the running node in either shell', () => {
    assert.equal(gateCall('linux'), '"$npm_node_execpath" .npmsign/gate.mjs preinstall');
    assert.equal(gateCall('win32'), '"%npm_node_execpath%" .npmsign/gate.mjs preinstall');
  });
});

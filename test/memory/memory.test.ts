/** A verdict is remembered on the grounds it was given on, and on no others. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ABOVE } from '../../lib/memory/ground.ts';
import { openMemory } from '../../lib/memory/index.ts';
import type { Host } from '../../lib/model/host.ts';
import { FILE_PLACES, SCRIPT_PLACES } from '../../lib/policy/places.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

const QUESTION = { version: '1.0.0', options: { quiet: false } };
const VERDICT = { text: 'PASS\n', exitCode: 0, evidence: [] };

type Place = { readonly host: Host; readonly cwd: string; readonly outside: string };

function aPlace(): Place {
  const root = aTempDirectory('memory');
  const [cwd, outside, home] = ['project', 'outside', 'home'].map((name) => join(root, name));
  for (const folder of [cwd, outside, home]) mkdirSync(folder as string);
  writeFileSync(join(cwd as string, 'package.json'), '{}');
  const env = { HOME: home, LOCALAPPDATA: home };
  return { host: aHost({ cwd: cwd as string, env }), cwd: cwd as string, outside: outside as string };
}

/** Judges with something happening between reading and telling, and says whether the next run is told the verdict. */
function isRemembered({ host, cwd, outside }: Place, meanwhile: () => void = () => undefined): boolean {
  const memory = openMemory(host, QUESTION);
  const files = [join(outside, 'policy.json')];
  memory.note({
    project: cwd,
    folders: [join(outside, 'trust')],
    files,
    trust: 'root',
    until: Number.MAX_SAFE_INTEGER,
  });
  meanwhile();
  memory.remember(VERDICT);
  return openMemory(host, QUESTION).last !== undefined;
}

describe('a verdict', () => {
  it('is remembered in its own words', () => {
    const place = aPlace();
    assert.equal(isRemembered(place), true);
    const { last } = openMemory(place.host, QUESTION);
    assert.deepEqual(last, { text: 'PASS\n', exitCode: 0, judgedAt: place.host.now.toISOString() });
  });

  const meanwhile: readonly (readonly [string, (place: Place) => void])[] = [
    ['a file of the project', ({ cwd }) => writeFileSync(join(cwd, 'package.json'), '{ }')],
    ['a file that came', ({ cwd }) => writeFileSync(join(cwd, 'yarn.lock'), '')],
    ['a file that went', ({ cwd }) => rmSync(join(cwd, 'package.json'))],
    ['a file outside', ({ outside }) => writeFileSync(join(outside, 'policy.json'), '{}')],
    ['a folder outside', ({ outside }) => mkdirSync(join(outside, 'trust'))],
  ];
  for (const [what, change] of meanwhile) {
    it(`is not remembered when it was given before a change of ${what}`, () => {
      const place = aPlace();
      assert.equal(
        isRemembered(place, () => change(place)),
        false,
      );
      assert.equal(isRemembered(place), true);
    });
  }

  it('names each thing it rests on once, so that nothing is read twice to tell it again', () => {
    const place = aPlace();
    assert.equal(isRemembered(place), true);
    const home = String(place.host.env['HOME']);
    const [file] = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /verdicts.[0-9a-f]+\.json$/.test(name),
    );
    // Behind the seal stands the record.
    const { grounds } = JSON.parse(readFileSync(join(home, String(file)), 'utf8').slice(64)) as {
      readonly grounds: readonly { readonly kind: string; readonly path: string }[];
    };
    const names = grounds.map(({ kind, path }) => `${kind} ${path}`);
    assert.ok(names.includes(`folder ${place.cwd}`));
    assert.deepEqual(names, [...new Set(names)]);
  });

  it('is given anew on the grounds that the last one was just found to stand on', () => {
    const place = aPlace();
    assert.equal(isRemembered(place), true);
    // The last verdict still holds here, and the next one is remembered in its place, or is not.
    assert.equal(isRemembered(place), true);
    assert.equal(
      isRemembered(place, () => writeFileSync(join(place.cwd, 'package.json'), '{ }')),
      false,
    );
  });

  it('is not remembered when nobody said what it rests on', () => {
    const { host } = aPlace();
    openMemory(host, QUESTION).remember(VERDICT);
    assert.equal(openMemory(host, QUESTION).last, undefined);
  });

  it('is not told to another release, nor to another question', () => {
    const place = aPlace();
    isRemembered(place);
    assert.equal(openMemory(place.host, { ...QUESTION, version: '1.0.1' }).last, undefined);
    assert.equal(openMemory(place.host, { ...QUESTION, options: { quiet: true } }).last, undefined);
    assert.equal(openMemory({ ...place.host, color: true }, QUESTION).last, undefined);
    assert.equal(openMemory({ ...place.host, columns: 80 }, QUESTION).last, undefined);
  });

  it('follows a link to what it means, and notices when the link leads elsewhere', (t) => {
    const place = aPlace();
    const [real, other] = ['a', 'b'].map((name) => join(place.outside, name));
    for (const file of [real, other]) writeFileSync(file as string, 'same');
    const link = join(place.cwd, '.npmrc');
    try {
      symlinkSync(real as string, link);
    } catch {
      return t.skip('links cannot be made here');
    }
    assert.equal(isRemembered(place), true);
    writeFileSync(real as string, 'different');
    assert.equal(openMemory(place.host, QUESTION).last, undefined);
    assert.equal(isRemembered(place), true);
    rmSync(link);
    symlinkSync(other as string, link);
    assert.equal(openMemory(place.host, QUESTION).last, undefined);
  });

  it('is not remembered about a folder too full to look through', () => {
    const place = aPlace();
    for (let n = 0; n <= 2000; n++) writeFileSync(join(place.cwd, `file-${n}`), '');
    assert.equal(isRemembered(place), false);
  });

  it('is not remembered where the memory could be written by others', {
    skip: process.platform === 'win32',
  }, () => {
    const place = aPlace();
    const cache = join(place.host.env['HOME'] ?? '', '.cache');
    mkdirSync(cache);
    symlinkSync(place.outside, join(cache, 'npmsign'));
    assert.equal(isRemembered(place), false);
  });
});

describe('the folders above a project', () => {
  it('are looked at for every place a policy can lie in', () => {
    const missing = [...FILE_PLACES, ...SCRIPT_PLACES].filter((place) => !ABOVE.includes(place));
    assert.deepEqual(missing, []);
  });
});

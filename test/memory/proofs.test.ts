/** What was proved and what passed is remembered under this user's seal, by everything it was judged by, for a day. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { recallProofs } from '../../lib/memory/proofs.ts';
import type { Evidence } from '../../lib/model/evidence.ts';
import type { Recalled } from '../../lib/model/request.ts';
import { anEvidence } from '../support/builders.ts';
import { NOW } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

const HOUR = 60 * 60 * 1000;
const KEYS = ['["a","1.0.0"]', '["b","1.0.0"]', '["c","1.0.0"]', '["d","1.0.0"]'] as const;
const [A, B, C, D] = KEYS;
const JUDGED = 'policy ["a"]';
const PASSED = { signature: 'proved', provenance: 'proved' };

type Place = { readonly file: string; readonly rests: string };
type Circumstances = {
  readonly question?: string;
  readonly seal?: Buffer;
  readonly trust?: string;
  readonly after?: number;
};

function aPlace(): Place {
  const folder = aTempDirectory('proofs');
  const place = { file: join(folder, 'question.proofs'), rests: join(folder, 'keys.json') };
  writeFileSync(place.rests, '{}');
  return place;
}

function open({ file, rests }: Place, circumstances: Circumstances = {}): Recalled {
  const { question = 'question', seal = Buffer.alloc(32, 7), trust = 'root', after = 0 } = circumstances;
  const grounds = { project: '', folders: [], files: [rests], trust, until: Number.MAX_SAFE_INTEGER };
  return recallProofs({ file, seal, question }, grounds, new Date(NOW.getTime() + after));
}

/** Remembers that each of them is proved and passes. */
function remember(place: Place, keys: readonly string[], circumstances?: Circumstances): void {
  const recalled = open(place, circumstances);
  for (const key of keys) {
    const evidence = recalled.find(key) ?? keepIn(recalled, key);
    recalled.pass(evidence, JUDGED);
  }
  recalled.close();
}

function keepIn(recalled: Recalled, key: string): Evidence {
  const evidence = anEvidence();
  recalled.keep(key, evidence);
  return evidence;
}

function passedIn(place: Place, circumstances: Circumstances & { readonly judgedBy?: string } = {}): string {
  const recalled = open(place, circumstances);
  const passed = KEYS.filter((key) => {
    const found = recalled.find(key);
    return found !== undefined && recalled.passed(found, circumstances.judgedBy ?? JUDGED) !== undefined;
  });
  return passed.map((key) => key[2]).join('');
}

/** The sealed pieces of a file, as bytes. */
function piecesOf({ file }: Place): readonly Buffer[] {
  const bytes = readFileSync(file);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 72 + Number.parseInt(bytes.toString('latin1', at, at + 8), 16);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

describe('what was proved', () => {
  it('is found as it was kept, and what passed with it', () => {
    const place = aPlace();
    remember(place, [A]);
    const recalled = open(place);
    const found = recalled.find(A);
    assert.deepEqual({ ...found }, anEvidence());
    assert.ok(found);
    assert.equal(recalled.find(A), found);
    assert.deepEqual(recalled.passed(found, JUDGED), PASSED);
    assert.equal(recalled.textOf(found), JSON.stringify(anEvidence()));
    assert.equal(recalled.textOf(keepIn(recalled, C)), undefined);
    assert.equal(recalled.found(), 1);
    assert.equal(recalled.find(B), undefined);
  });

  const others: readonly (readonly [string, Parameters<typeof passedIn>[1]])[] = [
    ['judged by anything else', { judgedBy: 'policy ["b"]' }],
    ['judged by more', { judgedBy: `${JUDGED} proved proved` }],
    ['judged by less', { judgedBy: JUDGED.slice(0, -1) }],
    ['judged by nothing', { judgedBy: '' }],
    ['asked another question', { question: 'another' }],
    ['under another trust root', { trust: 'another' }],
    ['of another user', { seal: Buffer.alloc(32, 8) }],
    ['a day later', { after: 24 * HOUR }],
    ['by a clock that went back', { after: -1 }],
  ];
  for (const [what, circumstances] of others) {
    it(`passes no package ${what}`, () => {
      const place = aPlace();
      remember(place, [A, B]);
      assert.equal(passedIn(place, { after: 24 * HOUR - 1 }), 'ab');
      assert.equal(passedIn(place, circumstances), '');
    });
  }

  it('passes no package by a clock that is behind the one it passed by, though ahead of the one it was proved by', () => {
    const place = aPlace();
    const recalled = open(place);
    keepIn(recalled, A);
    recalled.close();
    remember(place, [A], { after: 2 * HOUR });
    assert.equal(passedIn(place, { after: HOUR }), '');
    assert.equal(passedIn(place, { after: 2 * HOUR }), 'a');
    // The proof grew no younger by that.
    assert.equal(passedIn(place, { after: 24 * HOUR }), '');
  });

  it('is no pass by itself, and no pass of other evidence', () => {
    const place = aPlace();
    const recalled = open(place);
    keepIn(recalled, A);
    recalled.pass(anEvidence(), JUDGED);
    recalled.close();
    assert.equal(passedIn(place), '');
    remember(place, [B]);
    const later = open(place);
    later.find(B);
    assert.equal(later.passed(anEvidence(), JUDGED), undefined);
  });

  it('is forgotten with the grounds it rests on, and not written when they change meanwhile', () => {
    const place = aPlace();
    remember(place, [A]);
    writeFileSync(place.rests, '{ }');
    assert.equal(passedIn(place), '');
    const recalled = open(place);
    recalled.pass(keepIn(recalled, A), JUDGED);
    writeFileSync(place.rests, '{}');
    recalled.close();
    assert.equal(passedIn(place), 'a');
    writeFileSync(place.rests, '{ }');
    assert.equal(passedIn(place), '');
  });
});

describe('the file of proofs', () => {
  /** Three packages, and a fourth that came later. */
  function aGrownPlace(): Place {
    const place = aPlace();
    remember(place, [A, B, C]);
    remember(place, [...KEYS], { after: HOUR });
    return place;
  }

  it('grows by what is new, and is written anew once most of it is', () => {
    const place = aPlace();
    remember(place, [A, B, C]);
    const before = readFileSync(place.file);
    remember(place, [...KEYS], { after: HOUR });
    const after = readFileSync(place.file);
    assert.deepEqual(after.subarray(0, before.length), before);
    assert.equal(piecesOf(place).length, 2);
    assert.equal(passedIn(place, { after: HOUR }), 'abcd');
    // What was proved first is forgotten first.
    assert.equal(passedIn(place, { after: 24 * HOUR }), 'd');
    remember(place, [...KEYS], { after: 24 * HOUR });
    assert.equal(piecesOf(place).length, 1);
    assert.equal(passedIn(place, { after: 24 * HOUR }), 'abcd');
  });

  it('is left alone when nothing is new', () => {
    const place = aGrownPlace();
    const before = statSync(place.file, { bigint: true });
    remember(place, [...KEYS], { after: HOUR });
    assert.equal(statSync(place.file, { bigint: true }).mtimeNs, before.mtimeNs);
  });

  it('tells nothing from the first piece on that was changed by a single bit', () => {
    const place = aGrownPlace();
    const bytes = readFileSync(place.file);
    const [first = Buffer.alloc(0)] = piecesOf(place);
    for (let at = 0; at < bytes.length; at += at % first.length < 80 ? 1 : 97) {
      const forged = Buffer.from(bytes);
      forged[at] = (forged[at] ?? 0) ^ 1;
      writeFileSync(place.file, forged);
      assert.equal(passedIn(place, { after: HOUR }), at < first.length ? '' : 'abc', `byte ${at}`);
    }
  });

  it('tells what is whole when it was cut anywhere, and is written anew then', () => {
    const place = aGrownPlace();
    const bytes = readFileSync(place.file);
    const [first = Buffer.alloc(0)] = piecesOf(place);
    for (const cut of [
      0,
      1,
      71,
      72,
      100,
      first.length - 1,
      first.length,
      first.length + 9,
      bytes.length - 1,
    ]) {
      writeFileSync(place.file, bytes.subarray(0, cut));
      assert.equal(passedIn(place, { after: HOUR }), cut < first.length ? '' : 'abc', `cut at ${cut}`);
    }
    remember(place, [...KEYS], { after: HOUR });
    assert.equal(passedIn(place, { after: HOUR }), 'abcd');
  });

  it('makes nothing younger, and passes nothing else, whatever is put twice, in another order or in from before', () => {
    const place = aGrownPlace();
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = piecesOf(place);
    for (const forged of [[second, first], [first, second, first], [second], [first, first]]) {
      writeFileSync(place.file, Buffer.concat(forged));
      const isFull = forged.includes(second) && forged.includes(first);
      assert.equal(passedIn(place, { after: HOUR }), isFull ? 'abcd' : forged.includes(first) ? 'abc' : 'd');
      assert.equal(passedIn(place, { after: 24 * HOUR }), forged.includes(second) ? 'd' : '');
      assert.equal(passedIn(place, { after: 25 * HOUR }), '');
    }
  });

  it('tells nothing of pieces another user or question sealed, wherever they are put', () => {
    const [place, stranger] = [aGrownPlace(), aPlace()];
    remember(stranger, [D], { seal: Buffer.alloc(32, 8) });
    const own = piecesOf(place);
    const [foreign = Buffer.alloc(0)] = piecesOf(stranger);
    const [first = Buffer.alloc(0)] = own;
    writeFileSync(place.file, Buffer.concat([foreign, ...own]));
    assert.equal(passedIn(place, { after: HOUR }), '');
    writeFileSync(place.file, Buffer.concat([first, foreign]));
    assert.equal(passedIn(place, { after: HOUR }), 'abc');
    // The seal of the one on the words of the other.
    writeFileSync(place.file, Buffer.concat([first.subarray(0, 72), foreign.subarray(72)]));
    assert.equal(passedIn(place, { after: HOUR }), '');
  });

  it('holds a large tree in pieces', () => {
    const place = aPlace();
    const recalled = open(place);
    const padded = anEvidence({ publish: { status: 'absent', reason: 'x'.repeat(300_000) } });
    for (const key of KEYS) recalled.keep(key, { ...padded });
    for (let n = 0; n < 4; n++) recalled.keep(`["more",${n}]`, { ...padded });
    recalled.close();
    assert.deepEqual(
      piecesOf(place)
        .map((piece) => piece.length > 1024 * 1024)
        .slice(0, -1),
      [true],
    );
    assert.deepEqual({ ...open(place).find('["more",3]') }, padded);
  });

  it('holds as much of a tree larger than any as there is room for, and stays as it is', () => {
    const place = aPlace();
    const huge = anEvidence({ publish: { status: 'absent', reason: 'x'.repeat(5_000_000) } });
    const keys = Array.from({ length: 8 }, (_, n) => `["huge",${n}]`);
    const keepAll = (): number => {
      const recalled = open(place);
      for (const key of keys) if (recalled.find(key) === undefined) recalled.keep(key, { ...huge });
      recalled.close();
      return recalled.found();
    };
    assert.deepEqual([keepAll(), keepAll(), keepAll()], [0, 6, 6]);
    assert.ok(statSync(place.file).size <= 32 * 1024 * 1024);
  });

  it('leaves nothing behind where it cannot be written', () => {
    const place = aPlace();
    mkdirSync(place.file);
    remember(place, [A]);
    assert.equal(passedIn(place), '');
    assert.deepEqual(readdirSync(join(place.file, '..')).sort(), ['keys.json', 'question.proofs']);
  });

  it('is not written through a link that somebody put in its place', (t) => {
    const place = aPlace();
    remember(place, [A, B, C]);
    const target = `${place.file}.elsewhere`;
    renameSync(place.file, target);
    try {
      symlinkSync(target, place.file);
    } catch {
      return t.skip('links cannot be made here');
    }
    const before = readFileSync(target);
    remember(place, [...KEYS]);
    if (process.platform !== 'win32') assert.deepEqual(readFileSync(target), before);
    assert.ok(readdirSync(join(place.file, '..')).every((name) => !name.startsWith('draft-')));
  });
});

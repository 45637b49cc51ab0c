/** What a registry says about one version is read whole, and never believed about another. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { essenceOf, parseManifest } from '../../lib/registry/manifest.ts';
import { NOW } from '../support/host.ts';

const QUESTION = {
  id: { name: '@acme/lib', version: '1.2.3' },
  registry: 'https://registry.example/',
  bases: ['https://registry.example/', 'https://public.example/'],
  isNpm: true,
  now: NOW,
};

function parse(fields: Readonly<Record<string, unknown>>, question = QUESTION) {
  const json = { name: '@acme/lib', version: '1.2.3', dist: {}, ...fields };
  const parsed = parseManifest(json, question);
  // What the cache keeps of it must read the same on the next run.
  assert.deepEqual(parseManifest(JSON.parse(JSON.stringify(essenceOf(json))), question), parsed);
  return parsed;
}

function toldBy(fields: Readonly<Record<string, unknown>>, question = QUESTION) {
  const parsed = parse(fields, question);
  assert.equal(parsed.kind, 'value');
  return parsed.kind === 'value' ? parsed.value : assert.fail();
}

describe('parseManifest', () => {
  const wrong = [
    [
      'an answer about another package',
      { name: '@acme/lib-evil' },
      /asked about @acme\/lib@1.2.3, it answered about @acme\/lib-evil@1.2.3/,
    ],
    ['an answer about another version', { version: '1.2.4' }, /answered about @acme\/lib@1.2.4/],
    ['a name that is no string', { name: ['@acme/lib'] }, /answered about nothing@1.2.3/],
    ['no dist', { dist: undefined }, /no dist/],
    ['a dist that is an array', { dist: [] }, /no dist/],
  ] as const;
  for (const [what, fields, reason] of wrong) {
    it(`calls ${what} malformed`, () => {
      const parsed = parse(fields);
      assert.match(parsed.kind === 'malformed' ? parsed.reason : 'a value', reason);
    });
  }

  for (const json of [null, 7, 'text', [], [[]], true]) {
    it(`calls ${JSON.stringify(json)} malformed`, () => {
      assert.equal(parseManifest(json, QUESTION).kind, 'malformed');
    });
  }

  it('never shows a hostile name as it is', () => {
    const parsed = parse({ name: '\u001b[31mevil\u202e' });
    assert.match(parsed.kind === 'malformed' ? parsed.reason : '', /\\u\{1b\}\[31mevil\\u\{202e\}/);
  });

  const scripts = [
    ['no scripts', {}, []],
    ['a test script only', { scripts: { test: 'x', prepare: 'x' } }, []],
    [
      'install scripts',
      { scripts: { postinstall: 'x', preinstall: 'x', install: 'x' } },
      ['preinstall', 'install', 'postinstall'],
    ],
    ['a binding.gyp', { gypfile: true }, ['node-gyp rebuild']],
    [
      'a binding.gyp with a postinstall',
      { gypfile: true, scripts: { postinstall: 'x' } },
      ['node-gyp rebuild', 'postinstall'],
    ],
    [
      'a binding.gyp with an install script of its own',
      { gypfile: true, scripts: { install: 'x' } },
      ['install'],
    ],
    ['scripts only by inheritance', { scripts: JSON.parse('{"__proto__":{"install":"x"}}') }, []],
  ] as const;
  for (const [what, fields, names] of scripts) {
    it(`finds ${names.length === 0 ? 'no install script' : names.join(' and ')} in ${what}`, () => {
      assert.deepEqual(toldBy(fields).installScripts, names);
    });
  }

  const bins = [
    ['a string', { bin: './cli.js' }, ['lib']],
    ['an object', { bin: { lib: './cli.js', 'lib-dev': './dev.js' } }, ['lib', 'lib-dev']],
    ['a name behind a path', { bin: { 'x/node': './cli.js' } }, ['node']],
    ['a name behind backslashes and colons', { bin: { 'a\\b:npm': './cli.js' } }, ['npm']],
    ['a list', { bin: ['bin/git'] }, ['git']],
    ['a folder', { directories: { bin: './bin' } }, ['*']],
    ['a bin beside a folder', { bin: { lib: 'x' }, directories: { bin: './bin' } }, ['lib']],
    ['a prototype', { bin: JSON.parse('{"__proto__":"x"}') }, ['__proto__']],
    ['nonsense', { bin: 7 }, []],
  ] as const;
  for (const [what, fields, names] of bins) {
    it(`reads the commands of ${what} as ${JSON.stringify(names)}`, () =>
      assert.deepEqual(toldBy(fields).bins, names));
  }

  const stamp = (tmp: string) => ({ _npmOperationalInternal: { host: 'x', tmp } });
  const stamps = [
    ['today’s form', 'tmp/lib_1.2.3_1760938323704_0.7761', '2025-10-20T05:32:03.704Z'],
    ['the form before 2017', 'tmp/lib-1.2.3.tgz_1477482094328_0.0499', '2016-10-26T11:41:34.328Z'],
    ['another version’s', 'tmp/lib_1.2.2_1760938323704_0.7761', undefined],
    ['another package’s', 'tmp/lib2_1.2.3_1760938323704_0.7761', undefined],
    ['one from before npm', 'tmp/lib_1.2.3_0000000000001_0.7761', undefined],
    ['one from the future', 'tmp/lib_1.2.3_9999999999999_0.7761', undefined],
    ['one with a tail', 'tmp/lib_1.2.3_1760938323704_0.7761;x', undefined],
  ] as const;
  for (const [what, tmp, at] of stamps) {
    it(`${at === undefined ? 'ignores' : 'believes'} the publish stamp in ${what}`, () => {
      const expected = at === undefined ? undefined : { at, from: 'manifest' };
      assert.deepEqual(toldBy(stamp(tmp)).publishedAt, expected);
    });
  }

  it('ignores the stamp of a registry that lets publishers write it', () => {
    const told = toldBy(stamp('tmp/lib_1.2.3_1760938323704_0.7761'), { ...QUESTION, isNpm: false });
    assert.equal(told.publishedAt, undefined);
  });

  const bad = { keyid: '', sig: '' };
  const signatures = [
    [undefined, []],
    [null, []],
    [[], []],
    [[{ keyid: 'k', sig: 's' }], [{ keyid: 'k', sig: 's' }]],
    [[null], [bad]],
    [[{ keyid: 'k' }], [bad]],
    ['text', [bad]],
    [{}, [bad]],
  ] as const;
  for (const [stated, read] of signatures) {
    it(`reads signatures ${JSON.stringify(stated)} as ${JSON.stringify(read)}, so malformed is not absent`, () => {
      assert.deepEqual(toldBy({ dist: { signatures: stated } }).signatures, read);
    });
  }

  it('reads the sha1 of versions older than integrity', () => {
    const told = toldBy({ dist: { shasum: '0d3b57a0a6a672ab21b7e3f3f2a0481d50d5902e' } });
    assert.equal(
      told.integrity,
      `sha1-${Buffer.from('0d3b57a0a6a672ab21b7e3f3f2a0481d50d5902e', 'hex').toString('base64')}`,
    );
  });

  it('knows announced attestations from announced provenance', () => {
    const publishOnly = toldBy({ dist: { attestations: { url: 'https://elsewhere.example/' } } });
    assert.deepEqual([publishOnly.announcesAttestations, publishOnly.announcesProvenance], [true, false]);
    const both = toldBy({ dist: { attestations: { provenance: { predicateType: 'x' } } } });
    assert.deepEqual([both.announcesAttestations, both.announcesProvenance], [true, true]);
    const none = toldBy({});
    assert.deepEqual([none.announcesAttestations, none.announcesProvenance], [false, false]);
  });
});

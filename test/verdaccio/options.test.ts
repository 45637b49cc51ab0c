/** Tests of what a Verdaccio configuration may say about signing. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parseOptions } from '../../lib/verdaccio/options.ts';

const HOME = resolve('/verdaccio/conf');

function optionsOf(npmsign: unknown, more: Readonly<Record<string, unknown>> = {}) {
  const base = { configPath: join(HOME, 'config.yaml'), storage: resolve('/verdaccio/storage') };
  return parseOptions(new Map(Object.entries({ ...base, middlewares: { npmsign }, ...more })));
}

describe('the options', () => {
  it('have defaults: beside the packages, a year, the public-good Sigstore', () => {
    assert.deepEqual(optionsOf({}), {
      directory: resolve('/verdaccio/storage/.npmsign'),
      rotateKeyAfterDays: 365,
      trust: { root: { kind: 'public-good' }, refresh: 'daily' },
      largestBody: 10 * 1024 ** 2,
    });
    assert.deepEqual(optionsOf(null), optionsOf({}));
  });

  it('name files relative to the configuration', () => {
    const options = optionsOf({
      directory: '../npmsign',
      trust: { tuf: 'https://tuf.example', root: 'r.json' },
    });
    assert.equal(options?.directory, resolve('/verdaccio/npmsign'));
    assert.deepEqual(options?.trust.root, {
      kind: 'tuf',
      url: 'https://tuf.example',
      root: join(HOME, 'r.json'),
    });
    const file = { kind: 'file', path: join(HOME, 'root.json') };
    assert.deepEqual(optionsOf({ trust: './root.json' })?.trust.root, file);
  });

  it('can switch it off', () => {
    assert.equal(optionsOf({ enabled: false }), undefined);
    assert.notEqual(optionsOf({ enabled: true }), undefined);
  });

  it("keep Verdaccio's own limit of a publish", () => {
    for (const [size, bytes] of [
      ['50mb', 50 * 1024 ** 2],
      ['1.5 kb', 1536],
      [2048, 2048],
    ] as const) {
      assert.equal(optionsOf({}, { max_body_size: size })?.largestBody, bytes);
    }
    assert.throws(() => optionsOf({}, { max_body_size: 'much' }), { message: /max_body_size is much/ });
  });

  const wrong: readonly (readonly [unknown, RegExp])[] = [
    ['yes', /middlewares\.npmsign is not a map/],
    [{ enabled: 'no' }, /enabled is neither true nor false/],
    [{ rotateKeyAfterDay: 1 }, /no option rotateKeyAfterDay in middlewares\.npmsign/],
    [{ rotateKeyAfterDays: 0 }, /not a whole number of days/],
    [{ rotateKeyAfterDays: '30' }, /not a whole number of days/],
    [{ directory: 3 }, /directory is not a path/],
    [{ trust: 'publicgood' }, /trust is neither public-good/],
    [{ trust: { tuf: 'ftp://tuf.example', root: 'r.json' } }, /trust\.tuf is not an http/],
    [{ trust: { tuf: 'https://tuf.example' } }, /trust\.root names no root\.json/],
    [{ trust: { url: 'https://tuf.example' } }, /no option url in middlewares\.npmsign\.trust/],
  ];
  for (const [section, message] of wrong) {
    it(`refuse ${JSON.stringify(section)}`, () => {
      assert.throws(() => optionsOf(section), { code: 'SERVER_OPTIONS', message });
    });
  }

  it('want a folder where Verdaccio has none of its own', () => {
    assert.throws(() => optionsOf({}, { storage: undefined }), { message: /where the keys are kept/ });
    assert.equal(optionsOf({ directory: 'x' }, { storage: undefined })?.directory, join(HOME, 'x'));
  });
});

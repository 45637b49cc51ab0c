import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isBefore, type Version, versionOf } from '../../lib/checks/version.ts';

describe('versions', () => {
  it('are ordered as semantic versioning orders them', () => {
    const sorted = [
      '0.9.9',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.10.0',
      '99999999999999999999.0.0',
      '99999999999999999999.0.1',
    ].map((text) => versionOf(text) as Version);
    for (const [index, left] of sorted.entries()) {
      for (const [other, right] of sorted.entries()) assert.equal(isBefore(left, right), index < other);
    }
  });

  it('take no notice of build metadata', () => {
    const [plain, built] = [versionOf('1.0.0'), versionOf('1.0.0+5')] as [Version, Version];
    assert.equal(isBefore(plain, built) || isBefore(built, plain), false);
  });

  for (const text of ['', '1', '1.2', 'v1.2.3', '1.2.3.4', 'latest', '1.2.3 ', `${'9'.repeat(300)}.0.0`]) {
    it(`are not read out of ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.equal(versionOf(text), undefined));
  }
});

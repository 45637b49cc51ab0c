/** Tests of the command line as a whole, through a `Host` that touches nothing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { VERSION } from '../../lib/version.ts';
import { aHost } from '../support/host.ts';

async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const host = aHost({ env });
  const code = await main(argv, host);
  return { code, out: host.stdout(), err: host.stderr() };
}

describe('npmsign', () => {
  for (const argv of [['--version'], ['-v'], ['verify', '--version'], ['nonsense', '--version', '--bogus']]) {
    it(`prints its version and nothing else for ${argv.join(' ')}`, async () => {
      assert.deepEqual(await run(argv), { code: 0, out: `${VERSION}\n`, err: '' });
    });
  }

  for (const argv of [['--help'], ['-h'], ['--offline', '--help']]) {
    it(`prints the overview on stdout for ${argv.join(' ')}`, async () => {
      const { code, out, err } = await run(argv);
      assert.deepEqual([code, err], [0, '']);
      for (const name of ['verify', 'verify-bundle', 'explain'])
        assert.match(out, new RegExp(`^ {2}${name} `, 'm'));
      assert.match(out, /--trusted-root <file>/);
    });
  }

  it('prints the overview on stderr and exits 2 when asked for nothing', async () => {
    const { code, out, err } = await run([]);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /Usage: npmsign <command>/);
  });

  it('keeps every line of help within 120 columns', async () => {
    for (const argv of [['--help'], ['verify', '--help'], ['verify-bundle', '--help'], ['explain', '-h']]) {
      const { out } = await run(argv);
      const long = out.split('\n').filter((line) => line.length > 120);
      assert.deepEqual(long, []);
    }
  });

  it("prints a command's own flags in its help", async () => {
    const { code, out } = await run(['verify-bundle', '--help']);
    assert.equal(code, 0);
    assert.match(out, /Usage: npmsign verify-bundle \[flags\] <file\|sha256/);
    assert.match(out, /--certificate-oidc-issuer <url>/);
  });
});

describe('a wrong command line', () => {
  const cases = [
    [
      'names the nearest command',
      ['verfy'],
      /no command verfy.*\[UNKNOWN_COMMAND\]\n {2}Did you mean verify\?/,
    ],
    [
      'lists the commands when none is near',
      ['frobnicate'],
      /Commands are verify, .*verify-bundle, explain\./,
    ],
    ['is not fooled by a name every object has', ['constructor'], /no command constructor/],
    [
      'names the nearest flag',
      ['verify', '--ofline'],
      /no flag --ofline.*\[UNKNOWN_FLAG\]\n {2}Did you mean --offline\?/,
    ],
    ["names a command's own nearest flag", ['verify-bundle', '--bundel', 'x'], /Did you mean --bundle\?/],
    ["does not take another command's flag", ['verify', '--bundle', 'x'], /no flag --bundle/],
    ['refuses an unknown flag without a command', ['--ofline'], /Did you mean --offline\?/],
    ['refuses arguments verify does not take', ['verify', 'lodash'], /takes no arguments; found lodash/],
    ['refuses to explain nothing', ['explain'], /takes one package; found 0/],
    ['refuses to explain two packages', ['explain', 'a', 'b'], /takes one package; found 2/],
    [
      'refuses a format explain cannot render',
      ['explain', 'a', '--format', 'sarif'],
      /renders pretty and json/,
    ],
    ['shows a hostile word harmless', ['\u001b]0;x\u0007'], /no command \\u\{1b\}\]0;x\\u\{7\}/],
  ] as const;
  for (const [name, argv, message] of cases) {
    it(name, async () => {
      const { code, out, err } = await run(argv);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
      assert.doesNotMatch(err, /\n\s+at /);
    });
  }

  it('may come from the environment', async () => {
    const { code, err } = await run(['verify'], { NPMSIGN_CONCURRENCY: 'lots' });
    assert.equal(code, 2);
    assert.match(err, /whole number/);
  });
});

describe('npmsign verify', () => {
  it('exits 2 with code and hint, and without a stack, where there is no lockfile', async () => {
    const { code, out, err } = await run(['verify', '--offline']);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^npmsign: .*\[LOCKFILE_MISSING\]\n/);
    assert.doesNotMatch(err, /\n\s+at /);
  });
});

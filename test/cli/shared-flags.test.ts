/** Tests of what the shared flags mean. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFlags } from '../../lib/cli/flags.ts';
import { requireFormats, SHARED_FLAGS, sharedOptionsOf } from '../../lib/cli/shared-flags.ts';

function options(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return sharedOptionsOf({ ...parseFlags(args, SHARED_FLAGS), env });
}

describe('outputs', () => {
  const cases = [
    ['are pretty text on stdout when nothing is said', [], [{ format: 'pretty' }]],
    ['are one format on stdout', ['--format', 'json'], [{ format: 'json' }]],
    ['are one format in a file', ['--format=json', '--output=a'], [{ format: 'json', file: 'a' }]],
    [
      'are one format in the file named before it',
      ['--output', 'a', '--format', 'json'],
      [{ format: 'json', file: 'a' }],
    ],
    [
      'are pretty text in a file when only the file is said',
      ['--output', 'a'],
      [{ format: 'pretty', file: 'a' }],
    ],
    [
      'pair each file with the format before it',
      ['--format', 'pretty', '--format', 'sarif', '--output', 'b'],
      [{ format: 'pretty' }, { format: 'sarif', file: 'b' }],
    ],
    [
      'may all be files',
      ['--format', 'json', '--output', 'a', '--format', 'sarif', '--output', 'b'],
      [
        { format: 'json', file: 'a' },
        { format: 'sarif', file: 'b' },
      ],
    ],
  ] as const;
  for (const [name, args, expected] of cases) {
    it(name, () => assert.deepEqual(options(args).outputs, expected));
  }

  const refused = [
    ['two formats on stdout', ['--format', 'json', '--format', 'pretty'], /written to stdout/],
    [
      'two formats in one file',
      ['--format=json', '--output=a', '--format=pretty', '--output=a'],
      /written to a/,
    ],
    ['a format that does not exist', ['--format', 'jsn'], /no format jsn/],
    ['a format every object has', ['--format', 'constructor'], /no format constructor/],
  ] as const;
  for (const [name, args, message] of refused) {
    it(`refuse ${name}`, () => assert.throws(() => options(args), { code: 'BAD_FLAG_VALUE', message }));
  }

  it('name the nearest format', () => {
    assert.throws(() => options(['--format', 'jsn']), { hint: 'Did you mean json?' });
  });

  it('come from the environment when the command line says nothing of them', () => {
    const env = { NPMSIGN_FORMAT: 'json', NPMSIGN_OUTPUT: 'a' };
    assert.deepEqual(options([], env).outputs, [{ format: 'json', file: 'a' }]);
  });

  it('come from the command line alone when it names one', () => {
    const env = { NPMSIGN_FORMAT: 'json', NPMSIGN_OUTPUT: 'a' };
    assert.deepEqual(options(['--format', 'pretty'], env).outputs, [{ format: 'pretty' }]);
  });
});

describe('shared options', () => {
  it('are filled in', () => {
    const { outputs: _, ...rest } = options([]);
    const off = { offline: false, preferOffline: false, hashTarballs: false, quiet: false, verbose: false };
    assert.deepEqual(rest, { ...off, remember: true });
  });

  it('carry every flag', () => {
    const args = [
      '--policy=p',
      '--lockfile=l',
      '--trusted-root=t',
      '--evidence=e',
      '--registry=https://r.example/',
      '--concurrency=8',
    ];
    const switches = [
      '--offline',
      '--prefer-offline',
      '--no-remember',
      '--hash-tarballs',
      '--quiet',
      '--verbose',
    ];
    const { outputs: _, ...rest } = options([...args, ...switches]);
    assert.deepEqual(rest, {
      policy: 'p',
      lockfile: 'l',
      trustedRoot: 't',
      evidence: 'e',
      registry: 'https://r.example/',
      concurrency: 8,
      offline: true,
      preferOffline: true,
      remember: false,
      hashTarballs: true,
      quiet: true,
      verbose: true,
    });
  });

  it('remember no verdict that rests on tarballs which were fetched and not kept', () => {
    assert.equal(options(['--hash-tarballs']).remember, false);
  });

  for (const registry of ['r.example', 'file:///etc/passwd', 'javascript:1', 'ftp://r.example/']) {
    it(`refuse ${registry} as a registry`, () => {
      assert.throws(() => options(['--registry', registry]), { message: /http or https URL/ });
    });
  }

  it('do not repeat a password in a refused registry', () => {
    assert.throws(
      () => options(['--registry', 'ftp://me:geheim@r.example/']),
      (error: Error) => !error.message.includes('geheim'),
    );
  });
});

describe('a command that renders few formats', () => {
  it('accepts its own', () => {
    assert.doesNotThrow(() => requireFormats([{ format: 'json' }], ['pretty', 'json']));
  });

  it('refuses the others', () => {
    assert.throws(() => requireFormats([{ format: 'sarif' }], ['pretty', 'json']), {
      message: /pretty and json/,
    });
  });
});

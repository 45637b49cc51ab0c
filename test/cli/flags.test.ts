/** Tests of the strict command-line reader. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Flag } from '../../lib/cli/command.ts';
import { asksFor, commandOf, flagIsOn, flagNumber, flagValue, parseFlags } from '../../lib/cli/flags.ts';

const FLAGS: readonly Flag[] = [
  { name: 'policy', value: '<file>', about: '' },
  { name: 'format', value: '<format>', about: '', repeatable: true },
  { name: 'concurrency', value: '<n>', about: '' },
  { name: 'offline', about: '' },
  { name: 'no-remember', about: '' },
];

describe('a command line that is understood', () => {
  const cases = [
    ['takes a value after a space', ['--policy', 'a'], [['policy', 'a']]],
    ['takes a value after an equals sign', ['--policy=a'], [['policy', 'a']]],
    ['takes a value that looks like a flag after an equals sign', ['--policy=--x'], [['policy', '--x']]],
    ['keeps what follows the first equals sign', ['--policy=a=b'], [['policy', 'a=b']]],
    [
      'takes switches',
      ['--offline', '--no-remember'],
      [
        ['offline', ''],
        ['no-remember', ''],
      ],
    ],
    [
      'keeps repeatable flags in order',
      ['--format', 'b', '--format=a'],
      [
        ['format', 'b'],
        ['format', 'a'],
      ],
    ],
  ] as const;
  for (const [name, args, expected] of cases) {
    it(name, () => {
      const uses = parseFlags(args, FLAGS).uses.map((use) => [use.name, use.value]);
      assert.deepEqual(uses, expected);
    });
  }

  it('takes everything behind -- as an operand', () => {
    const { operands, uses } = parseFlags(['a', '--', '--offline', '-x'], FLAGS);
    assert.deepEqual([operands, uses], [['a', '--offline', '-x'], []]);
  });
});

describe('a command line that is not understood', () => {
  const cases = [
    ['an unknown flag', ['--polcy', 'a'], 'UNKNOWN_FLAG', /no flag --polcy/, /--policy/],
    ['an unknown flag with a value', ['--ofline=1'], 'UNKNOWN_FLAG', /no flag --ofline/, /--offline/],
    ['an unknown short flag', ['-x'], 'UNKNOWN_FLAG', /no flag -x/, /--help/],
    ['a known name with one dash', ['-p'], 'UNKNOWN_FLAG', /no flag -p/, /--help/],
    ['a name every object has', ['--__proto__'], 'UNKNOWN_FLAG', /no flag --__proto__/, /--help/],
    ['a value that is missing', ['--policy'], 'BAD_FLAG_VALUE', /--policy takes a value/, undefined],
    ['a value that is empty', ['--policy='], 'BAD_FLAG_VALUE', /--policy takes a value/, undefined],
    [
      'a value that is the next flag',
      ['--policy', '--offline'],
      'BAD_FLAG_VALUE',
      /looks like a flag/,
      /--policy=--offline/,
    ],
    ['a switch with a value', ['--offline=yes'], 'BAD_FLAG_VALUE', /takes no value/, undefined],
    ['a flag given twice', ['--policy', 'a', '--policy', 'a'], 'BAD_FLAG_VALUE', /more than once/, undefined],
  ] as const;
  for (const [name, args, code, message, hint] of cases) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parseFlags(args, FLAGS), {
        code,
        message,
        ...(hint === undefined ? {} : { hint }),
      });
    });
  }

  it('shows a hostile flag harmless', () => {
    assert.throws(() => parseFlags(['--\u001b[31mred'], FLAGS), { message: /\\u\{1b\}/ });
  });
});

describe('the command', () => {
  const cases = [
    ['is the first word', ['verify', '--offline'], 'verify', ['--offline']],
    ['may follow a switch', ['--offline', 'verify'], 'verify', ['--offline']],
    [
      'is not the value of a flag',
      ['--policy', 'verify', 'explain', 'x'],
      'explain',
      ['--policy', 'verify', 'x'],
    ],
    ['may follow a flag with its value inside', ['--policy=a', 'verify'], 'verify', ['--policy=a']],
    ['is not looked for behind --', ['--', 'verify'], undefined, ['--', 'verify']],
  ] as const;
  for (const [name, args, command, rest] of cases) {
    it(name, () => {
      const found = commandOf(args, FLAGS);
      assert.deepEqual([found.name, found.rest], [command, rest]);
    });
  }
});

describe('the environment', () => {
  const none = { uses: [], env: {} };

  it('fills in a value the command line leaves out', () => {
    assert.equal(flagValue({ ...none, env: { NPMSIGN_POLICY: 'a' } }, 'policy'), 'a');
  });

  it('gives way to the command line', () => {
    const uses = [{ name: 'policy', value: 'b' }];
    assert.equal(flagValue({ uses, env: { NPMSIGN_POLICY: 'a' } }, 'policy'), 'b');
  });

  it('counts as absent when empty', () => {
    assert.equal(flagValue({ ...none, env: { NPMSIGN_POLICY: '' } }, 'policy'), undefined);
  });

  for (const [value, on] of [
    ['1', true],
    ['TRUE', true],
    ['0', false],
    ['false', false],
    ['', false],
  ] as const) {
    it(`reads ${JSON.stringify(value)} as a switch that is ${on ? 'on' : 'off'}`, () => {
      assert.equal(flagIsOn({ ...none, env: { NPMSIGN_NO_REMEMBER: value } }, 'no-remember'), on);
    });
  }

  it('refuses a switch that is neither on nor off', () => {
    assert.throws(() => flagIsOn({ ...none, env: { NPMSIGN_OFFLINE: 'maybe' } }, 'offline'), {
      code: 'BAD_FLAG_VALUE',
      message: /NPMSIGN_OFFLINE is maybe/,
    });
  });
});

describe('a number', () => {
  const bounds = { from: 1, to: 256 };
  const ask = (value: string) =>
    flagNumber({ uses: [{ name: 'concurrency', value }], env: {} }, 'concurrency', bounds);

  it('is blamed on its variable where that is where it comes from', () => {
    const env = { NPMSIGN_CONCURRENCY: 'many' };
    assert.throws(() => flagNumber({ uses: [], env }, 'concurrency', bounds), {
      message: /^NPMSIGN_CONCURRENCY is many; it takes/,
    });
    assert.throws(() => ask('many'), { message: /^--concurrency is many; it takes/ });
  });

  it('is accepted at both ends of its range', () => {
    assert.deepEqual([ask('1'), ask('256')], [1, 256]);
  });

  for (const value of ['0', '257', '1.5', '1e2', ' 1', '0x1', '-1', 'many', '9'.repeat(20)]) {
    it(`is refused as ${JSON.stringify(value)}`, () => {
      assert.throws(() => ask(value), { code: 'BAD_FLAG_VALUE', message: /whole number from 1 to 256/ });
    });
  }
});

describe('a switch asked for early', () => {
  it('is seen anywhere in front of --', () => {
    assert.equal(asksFor(['verify', '--help'], '--help', '-h'), true);
    assert.equal(asksFor(['verify', '--', '--help'], '--help', '-h'), false);
  });
});

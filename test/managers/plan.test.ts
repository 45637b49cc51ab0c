/** Tests of which commands a command line becomes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManagerError } from '../../lib/errors.ts';
import type { Task } from '../../lib/managers/arguments.ts';
import type { ManagerKind } from '../../lib/managers/manager.ts';
import { planOf } from '../../lib/managers/plan.ts';

function commandsOf(kind: ManagerKind, task: Task, line: string): readonly string[] {
  const { resolve, install } = planOf({ kind, task, args: line.split(' ').filter(Boolean), root: '/p' });
  return [resolve, install].flatMap((step) => (step === undefined ? [] : [step.args.join(' ')]));
}

const PNPM = '--frozen-lockfile --lockfile-dir=/p --shared-workspace-lockfile';

describe('npmsign ci', () => {
  const cases = [
    ['npm', '', ['ci']],
    ['npm', '--omit=dev -w a', ['ci --omit=dev -w a']],
    ['pnpm', '--prod', [`install --prod ${PNPM}`]],
    ['pnpm', '-F a --reporter append-only', [`install -F a --reporter append-only ${PNPM}`]],
    ['yarn-classic', '--production', ['install --production --frozen-lockfile']],
    ['yarn-berry', '--mode skip-build', ['install --mode skip-build --immutable']],
    ['bun', '--production', ['install --production --frozen-lockfile']],
  ] as const;
  for (const [kind, line, expected] of cases) {
    it(`of ${kind} runs ${expected[0]}`, () => assert.deepEqual(commandsOf(kind, 'ci', line), expected));
  }
});

describe('npmsign install', () => {
  const npm = 'install --package-lock-only --ignore-scripts';
  const pnpm = '--lockfile-only --ignore-scripts';
  const cases = [
    ['npm', '', [npm, 'ci']],
    ['npm', 'lodash -D', [`${npm} lodash -D`, 'ci -D']],
    ['npm', '--omit dev lodash', [`${npm} --omit dev lodash`, 'ci --omit dev']],
    ['npm', 'lodash -w a', [`${npm} lodash -w a`, 'ci']],
    ['npm', 'lodash --workspace=a --workspaces', [`${npm} lodash --workspace=a --workspaces`, 'ci']],
    ['npm', '--ignore-scripts=false', [npm, 'ci --ignore-scripts=false']],
    ['npm', '--no-ignore-scripts x', [`${npm} x`, 'ci --no-ignore-scripts x']],
    ['npm', '--ignore-s false', [npm, 'ci --ignore-s false']],
    ['pnpm', '', [`install ${pnpm}`, `install ${PNPM}`]],
    ['pnpm', 'lodash -D', [`add lodash -D ${pnpm}`, `install ${PNPM}`]],
    ['pnpm', 'lodash -F a --offline', [`add lodash -F a --offline ${pnpm}`, `install --offline ${PNPM}`]],
    ['pnpm', '-- lodash', [`add ${pnpm} -- lodash`, `install ${PNPM}`]],
    ['yarn-classic', '--production', ['install --production --frozen-lockfile']],
    ['yarn-berry', 'lodash -D', ['add lodash -D --mode=update-lockfile', 'install --immutable']],
    [
      'yarn-berry',
      '--mode=skip-build',
      ['install --mode=update-lockfile', 'install --mode=skip-build --immutable'],
    ],
    [
      'yarn-berry',
      'x --mode skip-build',
      ['add x --mode=update-lockfile', 'install --mode skip-build --immutable'],
    ],
    ['bun', 'lodash -d', [`add lodash -d ${pnpm}`, 'install --frozen-lockfile']],
  ] as const;
  for (const [kind, line, expected] of cases) {
    it(`${line} of ${kind} runs ${expected.join(', then ')}`, () =>
      assert.deepEqual(commandsOf(kind, 'install', line), expected));
  }
});

describe('what cannot be judged before it is installed', () => {
  const refused = [
    ['npm', 'ci', '-g'],
    ['npm', 'ci', '--glob'],
    ['npm', 'ci', '--location=global'],
    ['npm', 'ci', '--prefix=..'],
    ['npm', 'ci', '-C ..'],
    ['npm', 'ci', '--workspaces=false'],
    ['npm', 'ci', '--no-package-lock'],
    ['npm', 'install', '--package-lock-only'],
    ['npm', 'install', 'x --no-save'],
    ['pnpm', 'ci', '--no-frozen-lockfile'],
    ['pnpm', 'ci', '--frozen-lockfile=false'],
    ['pnpm', 'ci', '--dir x'],
    ['pnpm', 'ci', 'lodash'],
    ['pnpm', 'install', '--ignore-workspace'],
    ['pnpm', 'install', '--frozen-lockfile'],
    ['yarn-classic', 'ci', '--pure-lockfile'],
    ['yarn-classic', 'install', 'lodash'],
    ['yarn-berry', 'ci', '--no-immutable'],
    ['yarn-berry', 'install', '--immutable'],
    ['bun', 'ci', '--no-frozen-lockfile'],
    ['bun', 'ci', '--cwd=..'],
  ] as const;
  for (const [kind, task, line] of refused) {
    it(`is refused: npmsign ${task} ${line} of ${kind}`, () => {
      assert.throws(
        () => commandsOf(kind, task, line),
        (error) => error instanceof ManagerError && error.code === 'MANAGER_ARGUMENT',
      );
    });
  }

  const taken = [
    ['npm', 'ci', 'anything'],
    ['npm', 'ci', '--workspaces'],
    ['npm', 'ci', '--prefer-offline'],
    ['npm', 'install', '-G'],
    ['pnpm', 'ci', '--frozen-lockfile'],
    ['pnpm', 'ci', '--reporter silent'],
    ['yarn-berry', 'ci', '--immutable'],
  ] as const;
  for (const [kind, task, line] of taken) {
    it(`is not npmsign ${task} ${line} of ${kind}`, () => assert.ok(commandsOf(kind, task, line)));
  }
});

/** Tests of where rendered text goes. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { appendStepSummary, writeOutputs } from '../../lib/cli/output.ts';
import { aHost } from '../support/host.ts';

const pretty = { format: 'pretty' } as const;

describe('rendered text', () => {
  it('goes to stdout in the colours of the terminal', async () => {
    const host = aHost({ color: true });
    await writeOutputs(host, [pretty], (_, { color }) => `colour ${color}`);
    assert.equal(host.stdout(), 'colour true');
  });

  it('is laid out for a narrow terminal, and for a reader at a wide one, a pipe or a file', async () => {
    const widthAt = async (columns?: number, file?: string): Promise<unknown> => {
      const seen: unknown[] = [];
      const host = aHost(columns === undefined ? {} : { columns });
      await writeOutputs(host, [file === undefined ? pretty : { ...pretty, file }], (_, { width }) => {
        seen.push(width);
        return '';
      });
      return seen[0];
    };
    assert.deepEqual([await widthAt(80), await widthAt(99)], [80, 99]);
    for (const columns of [100, 300, undefined]) assert.equal(await widthAt(columns), undefined);
    assert.equal(await widthAt(80, 'a'), undefined);
  });

  it('goes to a file without colour, and to stdout beside it', async () => {
    const host = aHost({ color: true });
    const outputs = [pretty, { format: 'json', file: 'report.json' }] as const;
    await writeOutputs(host, outputs, ({ format }, { color }) => `${format} ${color}`);
    assert.equal(host.stdout(), 'pretty true');
    assert.equal(readFileSync(join(host.cwd, 'report.json'), 'utf8'), 'json false');
  });

  it('replaces an ordinary file and leaves nothing else behind', async () => {
    const host = aHost();
    writeFileSync(join(host.cwd, 'a'), 'a longer text from before');
    await writeOutputs(host, [{ ...pretty, file: 'a' }], () => 'new');
    assert.equal(readFileSync(join(host.cwd, 'a'), 'utf8'), 'new');
    assert.deepEqual(readdirSync(host.cwd), ['a']);
  });

  it('does not follow a link out of the way', { skip: process.platform === 'win32' }, async () => {
    const host = aHost();
    writeFileSync(join(host.cwd, 'target'), 'old');
    symlinkSync('target', join(host.cwd, 'link'));
    await assert.rejects(
      writeOutputs(host, [{ ...pretty, file: 'link' }], () => 'new'),
      {
        code: 'BAD_FLAG_VALUE',
        message: /not an ordinary file/,
      },
    );
    assert.equal(readFileSync(join(host.cwd, 'target'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(host.cwd).sort(), ['link', 'target']);
  });

  it('does not replace a directory', async () => {
    const host = aHost();
    mkdirSync(join(host.cwd, 'a'));
    await assert.rejects(
      writeOutputs(host, [{ ...pretty, file: 'a' }], () => ''),
      { message: /not an ordinary file/ },
    );
  });

  it('says so when its directory is missing, and prints nothing', async () => {
    const host = aHost();
    const outputs = [pretty, { ...pretty, file: 'none/a' }];
    await assert.rejects(
      writeOutputs(host, outputs, () => 'x'),
      {
        code: 'BAD_FLAG_VALUE',
        message: /cannot be written \(ENOENT\)/,
      },
    );
    assert.equal(host.stdout(), '');
  });
});

describe('the step summary', () => {
  it('is appended where a workflow names a file', async () => {
    const plain = aHost();
    const file = join(plain.cwd, 'summary.md');
    writeFileSync(file, 'before\n');
    await appendStepSummary({ ...plain, env: { GITHUB_STEP_SUMMARY: file } }, 'after\n');
    assert.equal(readFileSync(file, 'utf8'), 'before\nafter\n');
  });

  it('is left out elsewhere', async () => {
    const host = aHost();
    await appendStepSummary(host, 'x');
    assert.deepEqual([readdirSync(host.cwd), host.stderr()], [[], '']);
  });

  it('changes nothing but stderr when it cannot be written', async () => {
    const host = aHost();
    await appendStepSummary({ ...host, env: { GITHUB_STEP_SUMMARY: join(host.cwd, 'none/a') } }, 'x');
    assert.match(host.stderr(), /step summary cannot be written \(ENOENT\)/);
  });
});

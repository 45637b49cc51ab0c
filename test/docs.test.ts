/** Holds the documentation to the code: tables, commands, flags, examples and the changelog. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../lib/errors.ts';
import { loadPolicy } from '../lib/policy/index.ts';
import { formats } from '../lib/report/index.ts';
import { currentReadme } from '../scripts/readme.ts';
import { aHost } from './support/host.ts';
import { aTempDirectory } from './support/temp.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const readme = read('README.md');

describe('README', () => {
  it('has the tables that the code gives (npm run readme writes them)', () => {
    assert.equal(readme, currentReadme());
  });

  it('names every exit code', () => {
    for (const code of Object.values(EXIT)) assert.match(readme, new RegExp(`^\\| ${code} \\|`, 'm'));
  });

  it('names every format', () => {
    assert.ok(readme.includes(`--format ${formats.join('|')}`), formats.join('|'));
  });

  it('shows a policy that loads', async () => {
    const [, policy] = /```yaml\n(\$schema[\s\S]*?)```/.exec(readme) ?? [];
    assert.ok(policy, 'there is a policy');
    const cwd = aTempDirectory('readme');
    writeFileSync(path.join(cwd, 'package.json'), '{"name":"project"}');
    writeFileSync(path.join(cwd, '.npmsignrc'), policy);
    writeFileSync(path.join(cwd, 'acme-registry-keys.json'), '{"keys":[]}');
    const loaded = await loadPolicy(aHost({ cwd }));
    assert.equal(loaded.settings['minimum-age'].options.days, 3);
    assert.equal(loaded.overrides.length, 1);
  });

  it('gives only commands that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const prose = `${readme}\n${read('CONTRIBUTING.md')}`;
    const named = [...prose.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? '');
    assert.deepEqual(
      named.filter((name) => !(name in scripts)),
      [],
    );
  });

  it('links only to files that exist', () => {
    for (const document of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']) {
      const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
        ([, target]) => target ?? '',
      );
      for (const link of links) assert.ok(existsSync(path.join(root, link)), `${document} links to ${link}`);
    }
  });
});

describe('CHANGELOG', () => {
  it('has a place for what is not yet released', () => {
    assert.match(read('CHANGELOG.md'), /^## Unreleased\n\n### (Added|Changed|Fixed|Removed|Security)\n\n- /m);
  });
});

/** What attackers write into names, URLs, certificates and answers, and how to see that it came out harmless. */
import assert from 'node:assert/strict';
import { main } from '../../lib/cli/main.ts';
import { FORMATS } from '../../lib/cli/shared-flags.ts';
import type { Identity } from '../../lib/model/evidence.ts';
import { aHost } from '../support/host.ts';
import type { LoopbackRegistry, Published } from '../support/registry/index.ts';
import type { Case } from './world.ts';
import { homeEnvironment } from './world.ts';

/** One hostile text of each kind, all of them in one. */
export const HOSTILE = [
  '\u001b[2J\u001b]8;;https://evil.example\u0007all is well',
  'safe\u202egpj.exe\u2066',
  'a\r\n::error file=x::pwned\n::stop-commands::x',
  '##[add-mask]b ##vso[task.setvariable]c',
  ']]></script><script>alert(1)</script><img src=x onerror=alert(1)>',
  'a | b |\n\n# heading',
  '\u0000\u0008\u009b31m',
].join(' ');

/** Line ends are ours; every other control, bidi or invisible character would be a stranger's. */
const HARMFUL =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** A version whose certificate, predicate and manifest are hostile wherever their authors can write. */
export function publishHostile(registry: LoopbackRegistry, name: string): Published {
  const identity: Partial<Identity> = {
    ref: `refs/heads/${HOSTILE}`,
    trigger: HOSTILE,
    commit: HOSTILE,
    run: `https://github.com/acme/${name}/actions/runs/1/${HOSTILE}`,
    runner: HOSTILE,
    workflow: `.github/workflows/${HOSTILE}.yml`,
    builder: `https://github.com/acme/${name}/${HOSTILE}`,
  };
  const published = registry.publish({ name, version: '1.0.0', attest: { identity } });
  Object.assign(published.manifest, {
    deprecated: HOSTILE,
    repository: { type: 'git', url: `git+https://github.com/${HOSTILE}` },
    bin: { [HOSTILE]: 'x.js', node: 'x.js' },
    scripts: { preinstall: HOSTILE, [HOSTILE]: HOSTILE },
    license: HOSTILE,
  });
  published.manifest.dist.signatures?.unshift({ keyid: HOSTILE, sig: HOSTILE });
  registry.put(published);
  return published;
}

/** Runs `verify` in every format, and `explain`; gives back what each printed, both streams together. */
export async function printedInEveryFormat(found: Case, name: string): Promise<ReadonlyMap<string, string>> {
  const runs = [
    ...FORMATS.map(
      (format) => [format, ['verify', '--format', format, '--verbose', '--no-remember']] as const,
    ),
    ['explain', ['explain', name, '--verbose']] as const,
  ];
  const printed = new Map<string, string>();
  for (const [format, args] of runs) {
    const host = aHost({ cwd: found.dir, env: homeEnvironment() });
    const code = await main(args, host);
    assert.notEqual(code, 70, host.stderr());
    printed.set(format, `${host.stdout()}${host.stderr()}`);
  }
  return printed;
}

/** Asserts that nothing hostile came through: no controls, no workflow commands, no markup. */
export function assertHarmless(text: string, format: string): void {
  assert.doesNotMatch(text, HARMFUL, format);
  assert.doesNotMatch(text, /#[\u034f]*#\w*\[/, format);
  // GitHub reads a command wherever a line begins with one; ours begin with these three and are followed by properties.
  const commands = text.split('\n').filter((line) => /^\s*::/.test(line));
  const foreign = commands.filter((line) => format !== 'github' || !/^::(error|warning|notice) /.test(line));
  assert.deepEqual(foreign, [], format);
  if (format === 'html') assert.ok(text.split('<script').length <= 2);
  if (['html', 'markdown', 'junit'].includes(format)) {
    assert.doesNotMatch(text, /<img|<script>alert|\]\]><\/script/, format);
  }
}

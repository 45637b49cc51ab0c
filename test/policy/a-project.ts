/** Projects on disk for the policy's tests. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PolicyFileError } from '../../lib/errors.ts';
import type { Host } from '../../lib/model/host.ts';
import type { Policy } from '../../lib/model/policy.ts';
import { loadPolicy } from '../../lib/policy/index.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

/** A temporary directory holding the files given, by path; a path that ends in a slash is a directory. */
export function aProject(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = aTempDirectory('policy');
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(file, content);
  }
  return root;
}

/** The policy of a project that holds nothing but this text as `.npmsignrc`. */
export async function policyOf(text: string): Promise<Policy> {
  return await loadPolicy(aHost({ cwd: aProject({ '.npmsignrc': text }) }));
}

/** The error that loading raises; it must be one about the policy. */
export async function refusalOf(host: Host, file?: string): Promise<PolicyFileError> {
  try {
    await loadPolicy(host, file);
  } catch (error) {
    assert.ok(error instanceof PolicyFileError, String(error));
    return error;
  }
  return assert.fail('the policy was loaded');
}

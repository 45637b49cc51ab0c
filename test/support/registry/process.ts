/** Starts a loopback registry in a process of its own, for callers that block or measure. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../corpus.ts';
import type { KeysTargetJson } from '../sigstore/registry-keys.ts';
import type { TrustedRootJson } from '../sigstore/trusted-root.ts';
import { aTempDirectory } from '../temp.ts';
import type { RegistryOptions } from './index.ts';
import type { Misbehaviour, Scope } from './misbehaviour.ts';
import type { PublishRequest } from './publish.ts';

/** What a registry process is to serve: plain data, times as ISO 8601. */
export type RegistryPlan = {
  /** Name of its minted Sigstore. */
  readonly sigstore?: string;
  readonly options?: Pick<RegistryOptions, 'prefix' | 'token' | 'latencyMs' | 'identity' | 'port'>;
  readonly publish?: readonly (Omit<PublishRequest, 'at' | 'sign'> & {
    readonly at?: string;
    readonly sign?: 'none';
  })[];
  readonly misbehave?: readonly {
    readonly scope: Scope;
    readonly how: Exclude<Misbehaviour, { readonly kind: 'edit' }>;
  }[];
};

/** What the process says once it serves. */
export type RunningRegistry = {
  readonly url: string;
  readonly trustedRoot: TrustedRootJson;
  /** The registry's keys, as a policy's `keys` file or a TUF target. */
  readonly keys: KeysTargetJson;
};

/** A registry in another process. */
export type RegistryProcess = RunningRegistry & { readonly close: () => Promise<void> };

/** Starts the process and waits until it serves. It ends on `close`, or with this process. */
export async function startRegistryProcess(plan: RegistryPlan = {}): Promise<RegistryProcess> {
  const planFile = path.join(aTempDirectory('registry'), 'plan.json');
  writeFileSync(planFile, JSON.stringify(plan));
  const script = fileURLToPath(new URL('./serve.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, planFile], {
    cwd: projectRoot,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const line = await Promise.race([
    once(readline.createInterface(child.stdout), 'line').then(([text]) => String(text)),
    exited.then(([code]) =>
      Promise.reject(new Error(`The registry process ended with ${code} before it served.`)),
    ),
  ]);
  // Our own serve.ts wrote the line.
  const running = JSON.parse(line) as RunningRegistry;
  return {
    ...running,
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}

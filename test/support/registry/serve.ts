/** Runs a loopback registry as a process of its own: `node --import tsx test/support/registry/serve.ts plan.json`. */
import { readFileSync } from 'node:fs';
import { createSigstore, keysTargetJson } from '../sigstore/index.ts';
import { startRegistry } from './index.ts';
import type { RegistryPlan, RunningRegistry } from './process.ts';

const planFile = process.argv[2];
// Written by startRegistryProcess, or by hand after its type.
const plan: RegistryPlan =
  planFile === undefined ? {} : (JSON.parse(readFileSync(planFile, 'utf8')) as RegistryPlan);
const sigstore = createSigstore(plan.sigstore);
const registry = await startRegistry({ ...plan.options, sigstore });
for (const { at, ...request } of plan.publish ?? []) {
  registry.publish({ ...request, ...(at === undefined ? {} : { at: new Date(at) }) });
}
for (const { scope, how } of plan.misbehave ?? []) registry.misbehave(scope, how);
const running: RunningRegistry = {
  url: registry.url,
  trustedRoot: sigstore.trustedRoot(),
  keys: keysTargetJson(sigstore.registryKeys.all),
};
process.stdout.write(`${JSON.stringify(running)}\n`);
// Ends with whoever started it: a closed stdin means the parent is gone.
process.stdin.resume().once('close', () => registry.close());

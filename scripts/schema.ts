/** Writes `schema.json`, the JSON Schema of a policy file, from its one definition. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { policySchema } from '../lib/policy/index.ts';

writeFileSync(
  fileURLToPath(new URL('../schema.json', import.meta.url)),
  `${JSON.stringify(policySchema(), null, 2)}\n`,
);

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkIds, loadPolicy, policySchema } from '../../lib/policy/index.ts';
import { parseYaml } from '../../lib/text/yaml.ts';
import { aHost } from '../support/host.ts';
import { aProject, policyOf, refusalOf } from './a-project.ts';

const root = new URL('../../', import.meta.url);
const examples = readdirSync(new URL('examples/policies/', root)).filter((name) => name.endsWith('.yaml'));
// `format` is a note to editors in this draft, not an assertion.
const validate = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictTuples: false,
  validateFormats: false,
}).compile(policySchema());

function fits(text: string): boolean {
  return validate(JSON.parse(JSON.stringify(parseYaml(text, '.npmsignrc').value)));
}

describe('the JSON Schema', () => {
  it('that ships is the one the reader is made of', () => {
    const shipped = JSON.parse(readFileSync(new URL('schema.json', root), 'utf8'));
    assert.deepEqual(shipped, JSON.parse(JSON.stringify(policySchema())), 'npm run schema writes it anew');
  });

  it('describes every check and every option', () => {
    const checks = Object(policySchema()['$defs'])['checks'].properties;
    assert.deepEqual(Object.keys(checks), [...checkIds]);
    for (const [id, check] of Object.entries<{ description: string; anyOf: readonly unknown[] }>(checks)) {
      assert.match(check.description, /\?/, id);
      const options = Object(check.anyOf[1])['prefixItems'][1].properties;
      for (const [name, option] of Object.entries(options))
        assert.ok(Object(option).description, `${id}.${name}`);
    }
  });

  for (const name of examples) {
    it(`and the reader both accept examples/policies/${name}`, async () => {
      const file = fileURLToPath(new URL(`examples/policies/${name}`, root));
      const policy = await loadPolicy(aHost(), file);
      assert.equal(policy.path, file);
      assert.ok(fits(readFileSync(file, 'utf8')), JSON.stringify(validate.errors));
    });
  }

  const accepted = [
    '{}',
    'extends: strict',
    'extends: [observe, ./a.yaml]',
    'checks: {provenance: off, minimum-age: [error], build-runner: [warn, {}]}',
    'trust: {root: {tuf: "https://tuf.example", root: ./root.json}, refresh: always}',
    'registries: {"https://npm.example/": {mirrorOf: npm}}',
  ];
  for (const text of accepted) {
    it(`and the reader agree to accept ${text}`, async () => {
      assert.ok(fits(text), JSON.stringify(validate.errors));
      if (!text.includes('./a.yaml')) assert.ok(await policyOf(text));
    });
  }

  const refused = [
    '[]',
    'extend: strict',
    'extends: npmsign-config',
    'checks: {provenence: error}',
    'checks: {provenance: 2}',
    'checks: {provenance: []}',
    'checks: {provenance: [error, {}, {}]}',
    'checks: {provenance: [error, {requird: true}]}',
    'checks: {minimum-age: [error, {days: "3"}]}',
    'checks: {source-ref: [error, {allow: []}]}',
    'checks: {source-repository: [error, {ids: [71995937]}]}',
    'overrides: [{packages: [a]}]',
    'overrides: [{packages: [], checks: {}}]',
    'exemptions: [{package: a, checks: [provenance], reason: r}]',
    'exemptions: [{package: a, checks: [], reason: r, expires: 2027-01-01}]',
    'registries: {"npm.example": {}}',
    'registries: {"https://npm.example/": {mirrorOf: yarn}}',
    'trust: {root: public-god}',
    'trust: {root: {tuf: "https://tuf.example"}}',
    'sign: {fulcio: fulcio.example}',
  ];
  for (const text of refused) {
    it(`and the reader agree to refuse ${text}`, async () => {
      assert.ok(!fits(text));
      await refusalOf(aHost({ cwd: aProject({ '.npmsignrc': text }) }));
    });
  }
});

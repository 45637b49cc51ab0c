// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a policy spells its variables so
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aHost } from '../support/host.ts';
import { aProject, policyOf, refusalOf } from './a-project.ts';

/** Every issue as `line path: message`. */
async function issuesOf(text: string): Promise<readonly string[]> {
  const error = await refusalOf(aHost({ cwd: aProject({ '.npmsignrc': text }) }));
  assert.equal(error.code, 'POLICY_INVALID');
  return error.issues.map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

const exemption = (fields: string) =>
  `exemptions:\n  - {package: a, checks: [provenance], reason: r, ${fields}}`;
const override = (fields: string) => `overrides:\n  - {packages: [a], ${fields}}`;
const option = (check: string, options: string) => `checks:\n  ${check}: [error, ${options}]`;

describe('each mistake is named with its line', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'a misspelt name',
      'extends: strict\noveride: []',
      '2 overide: unknown name "overide"; did you mean "overrides"?',
    ],
    [
      'a name from the prototype',
      '__proto__: {}',
      '1 __proto__: unknown name "__proto__"; known: $schema, extends, checks, overrides, exemptions, registries, trust, sign',
    ],
    ['a misspelt preset', 'extends: recomended', '1 extends: is no preset; did you mean "recommended"?'],
    [
      'a package as a preset',
      'extends: [strict, npmsign-config]',
      '1 extends[1]: is neither a preset (observe, recommended, strict) nor a file, written ./file; packages and URLs are not read',
    ],
    [
      'a URL as a preset',
      'extends: https://policies.example/strict',
      '1 extends: is neither a preset (observe, recommended, strict) nor a file, written ./file; packages and URLs are not read',
    ],
    [
      'an absolute path',
      'extends: /etc/npmsign.yaml',
      '1 extends: is neither a preset (observe, recommended, strict) nor a file, written ./file; packages and URLs are not read',
    ],
    [
      'a file in node_modules',
      'extends: ./node_modules/x/strict.yaml',
      '1 extends: lies in node_modules, which the judged packages write',
    ],
    [
      'a misspelt check',
      'checks:\n  minimum-agee: error',
      '2 checks.minimum-agee: unknown check "minimum-agee"; did you mean "minimum-age"?',
    ],
    [
      'a misspelt level',
      'checks:\n  provenance: wran',
      '2 checks.provenance: unknown word "wran"; did you mean "warn"?',
    ],
    [
      'a level of another tool',
      'checks:\n  provenance: 2',
      '2 checks.provenance: wants one of off, warn, error; found 2',
    ],
    [
      'false for off',
      'checks: {provenance: false}',
      '1 checks.provenance: wants one of off, warn, error; found false',
    ],
    [
      'a level that is a list',
      'checks: {provenance: [[error]]}',
      '1 checks.provenance[0]: wants one of off, warn, error; found a list',
    ],
    [
      'no level',
      'checks: {provenance: }',
      '1 checks.provenance: wants one of off, warn, error; found nothing',
    ],
    [
      'an empty setting',
      'checks: {provenance: []}',
      '1 checks.provenance: is an empty list; write [level, options]',
    ],
    [
      'a third part',
      'checks: {provenance: [error, {}, {}]}',
      '1 checks.provenance: has more than a level and options',
    ],
    [
      'options without a level',
      'checks: {minimum-age: {days: 3}}',
      '1 checks.minimum-age: wants one of off, warn, error; found a map',
    ],
    [
      'a misspelt option',
      option('minimum-age', '{day: 3}'),
      '2 checks.minimum-age[1].day: unknown option of minimum-age "day"; did you mean "days"?',
    ],
    [
      'an option where there are none',
      option('declared-repository', '{a: 1}'),
      '2 checks.declared-repository[1].a: unknown option of declared-repository "a"; there are none',
    ],
    ['empty options', option('minimum-age', '~'), '2 checks.minimum-age[1]: wants a map; found nothing'],
    [
      'days as text',
      option('minimum-age', '{days: "3"}'),
      '2 checks.minimum-age[1].days: wants a number from 0 to 36500; found "3"',
    ],
    [
      'days below zero',
      option('minimum-age', '{days: -1}'),
      '2 checks.minimum-age[1].days: wants a number from 0 to 36500; found -1',
    ],
    [
      'days that are no number',
      option('minimum-age', '{days: .nan}'),
      '2 checks.minimum-age[1].days: wants a number from 0 to 36500; found NaN',
    ],
    [
      'days without end',
      option('minimum-age', '{days: .inf}'),
      '2 checks.minimum-age[1].days: wants a number from 0 to 36500; found Infinity',
    ],
    [
      'required as a word',
      option('provenance', '{required: no}'),
      '2 checks.provenance[1].required: wants true or false; found "no"',
    ],
    [
      'a day that never was',
      option('provenance', '{publishedAfter: 2025-02-30}'),
      '2 checks.provenance[1].publishedAfter: is no day of the calendar',
    ],
    [
      'a list that is one text',
      option('source-ref', '{allow: refs/tags/*}'),
      '2 checks.source-ref[1].allow: wants a list; found "refs/tags/*"',
    ],
    [
      'an empty list that allows nothing',
      option('source-ref', '{allow: []}'),
      '2 checks.source-ref[1].allow: is an empty list',
    ],
    [
      'no kind of place',
      option('package-source', '{allow: []}'),
      '2 checks.package-source[1].allow: is an empty list',
    ],
    [
      'an unknown kind of place',
      option('package-source', '{allow: [registery]}'),
      '2 checks.package-source[1].allow[0]: unknown word "registery"; did you mean "registry"?',
    ],
    [
      'an unknown baseline',
      option('provenance-regression', '{baseline: minor}'),
      '2 checks.provenance-regression[1].baseline: unknown word "minor"; known: major, all',
    ],
    [
      'an id that is a number',
      option('source-repository', '{ids: [71995937]}'),
      '2 checks.source-repository[1].ids[0]: wants text; found 71995937; write it in quotes',
    ],
    [
      'an id with a wildcard',
      option('source-repository', '{ids: ["7*"]}'),
      '2 checks.source-repository[1].ids[0]: is no id; ids are compared exactly',
    ],
    [
      'an unknown variable',
      option('source-ref', '{allow: ["v${vers}"]}'),
      '2 checks.source-ref[1].allow[0]: has a variable; known here: ${name}, ${version}',
    ],
    [
      'a variable elsewhere',
      option('build-workflow', '{allow: ["${name}.yml"]}'),
      '2 checks.build-workflow[1].allow[0]: has a variable; known here: none',
    ],
    [
      'alternatives',
      option('build-trigger', '{allow: ["{push,release}"]}'),
      '2 checks.build-trigger[1].allow[0]: has alternatives in brackets, which globs do not know here; write one entry for each',
    ],
    [
      'an exclusion where there is none',
      option('build-trigger', '{deny: ["!push"]}'),
      '2 checks.build-trigger[1].deny[0]: starts with "!", which excludes nothing here',
    ],
    ['an empty glob', option('build-trigger', '{deny: [""]}'), '2 checks.build-trigger[1].deny[0]: is empty'],
    [
      'a script pattern with a bad range',
      option('install-script', '{allow: [a@latest]}'),
      '2 checks.install-script[1].allow[0]: has no semver range after "@"',
    ],
    ['overrides that are a map', 'overrides: {a: error}', '1 overrides: wants a list; found a map'],
    ['an override without checks', 'overrides: [{packages: [a]}]', '1 overrides[0]: lacks "checks"'],
    [
      'an override of nothing',
      'overrides:\n  - {packages: [], checks: {}}',
      '2 overrides[0].packages: is an empty list',
    ],
    [
      'an override that only excludes',
      'overrides:\n  - {packages: ["!a"], checks: {}}',
      '2 overrides[0].packages: only excludes, so it names no package',
    ],
    [
      'a bad range',
      'overrides:\n  - {packages: ["a@^1.2.3.4"], checks: {}}',
      '2 overrides[0].packages[0]: has no semver range after "@"',
    ],
    [
      'a misspelt check in an override',
      override('checks: {locked-singer: error}'),
      '2 overrides[0].checks.locked-singer: unknown check "locked-singer"; did you mean "locked-signer"?',
    ],
    [
      'an exemption without a day',
      exemption('x: 1').replace(', x: 1', ''),
      '2 exemptions[0]: lacks "expires"',
    ],
    [
      'an exemption without a reason',
      'exemptions: [{package: a, checks: [provenance], expires: 2027-01-01}]',
      '1 exemptions[0]: lacks "reason"',
    ],
    [
      'an empty reason',
      'exemptions: [{package: a, checks: [provenance], reason: " ", expires: 2027-01-01}]',
      '1 exemptions[0].reason: is empty',
    ],
    [
      'an exemption from everything',
      'exemptions: [{package: a, checks: [], reason: r, expires: 2027-01-01}]',
      '1 exemptions[0].checks: is an empty list',
    ],
    [
      'an exemption from an unknown check',
      'exemptions: [{package: a, checks: [provenence], reason: r, expires: 2027-01-01}]',
      '1 exemptions[0].checks[0]: unknown word "provenence"; did you mean "provenance"?',
    ],
    [
      'a date that is none',
      exemption('expires: tomorrow'),
      '2 exemptions[0].expires: is no date; write yyyy-mm-dd',
    ],
    [
      'a day that is none',
      exemption('expires: 2027-02-29'),
      '2 exemptions[0].expires: is no day of the calendar',
    ],
    [
      'a month that is none',
      exemption('expires: 2027-13-01'),
      '2 exemptions[0].expires: is no date; write yyyy-mm-dd',
    ],
    [
      'a time for a day',
      exemption('expires: 2027-03-01T00:00:00Z'),
      '2 exemptions[0].expires: is no date; write yyyy-mm-dd',
    ],
    [
      'a year for a day',
      exemption('expires: 2027'),
      '2 exemptions[0].expires: wants text; found 2027; write it in quotes',
    ],
    [
      'an excluding exemption',
      'exemptions: [{package: "!a", checks: [provenance], reason: r, expires: 2027-01-01}]',
      '1 exemptions[0].package: starts with "!", which excludes nothing here',
    ],
    ['a registry that is no URL', 'registries:\n  npm.example: {}', '2 registries.npm.example: is no URL'],
    [
      'a registry in a file',
      'registries:\n  "file:///x": {}',
      '2 registries.file:///x: is no http or https URL',
    ],
    [
      'a registry twice',
      'registries:\n  "https://npm.example": {}\n  "https://NPM.example/": {}',
      '3 registries.https://NPM.example/: names a registry that is named already',
    ],
    [
      'an unknown mirror',
      'registries:\n  "https://npm.example/": {mirrorOf: github}',
      '2 registries.https://npm.example/.mirrorOf: unknown word "github"; known: npm',
    ],
    [
      'keys from the network',
      'registries:\n  "https://npm.example/": {keys: "https://npm.example/keys"}',
      '2 registries.https://npm.example/.keys: is a URL; a file is wanted',
    ],
    [
      'keys from node_modules',
      'registries:\n  "https://npm.example/": {keys: ./node_modules/a/keys.json}',
      '2 registries.https://npm.example/.keys: lies in node_modules, which the judged packages write',
    ],
    [
      'a misspelt trust root',
      'trust: {root: public-god}',
      '1 trust.root: is neither public-good nor a .json file',
    ],
    [
      'a trust root that is a list',
      'trust: {root: []}',
      '1 trust.root: wants public-good, a file or a map; found a list',
    ],
    ['half a private Sigstore', 'trust: {root: {tuf: "https://tuf.example"}}', '1 trust.root: lacks "root"'],
    [
      'an unknown refresh',
      'trust: {refresh: hourly}',
      '1 trust.refresh: unknown word "hourly"; known: daily, never, always',
    ],
    [
      'a misspelt signing option',
      'sign: {publicLogForPrivatePackage: allow}',
      '1 sign.publicLogForPrivatePackage: unknown name "publicLogForPrivatePackage"; did you mean "publicLogForPrivatePackages"?',
    ],
    ['a signing service that is no URL', 'sign: {fulcio: fulcio.example}', '1 sign.fulcio: is no URL'],
  ];
  for (const [title, text, issue] of cases)
    it(title, async () => assert.deepEqual(await issuesOf(text), [issue]));
});

describe('the same things, spelt right', () => {
  const cases: readonly string[] = [
    'extends: [strict, recommended]',
    'extends: []',
    '$schema: ./node_modules/npmsign/schema.json',
    '{}',
    'checks: {provenance: off}',
    'checks: {provenance: [error]}',
    option('minimum-age', '{days: 0.5}'),
    option('provenance', '{publishedAfter: 2025-02-28}'),
    option('provenance', '{publishedAfter: "2025-02-28T10:00:00Z"}'),
    option('source-repository', '{ids: ["71995937"], ownerIds: ["1"], allow: []}'),
    option('source-ref', '{allow: ["refs/tags/${name}@${version}"]}'),
    option(
      'install-script',
      '{allow: ["esbuild@^0.28", "!esbuild@0.28.1", "git+ssh://git@git.example/acme/**"]}',
    ),
    option('signer-identity', '{allow: ["49699333+dependabot[bot]@users.example"]}'),
    override('checks: {}'),
    'overrides: [{packages: ["**", "!@acme/*@<2"], checks: {provenance: error}}]',
    exemption('expires: 2028-02-29'),
    'registries: {"https://npm.example": {}, "http://127.0.0.1:4873/x": {mirrorOf: npm, evidence: npm, keys: ../keys.json}}',
    'trust: {root: trusted_root.json, refresh: never}',
    'trust: {root: {tuf: "https://tuf.example", root: ./root.json}}',
    'sign: {required: false, identity: interactive, rekor: "https://rekor.example"}',
  ];
  for (const text of cases) it(text.replaceAll('\n', ' '), async () => assert.ok(await policyOf(text)));
});

describe('an invalid policy', () => {
  it('names every mistake, not only the first', async () => {
    const text =
      'extend: strict\nchecks:\n  provenence: error\n  minimum-age: [eror, {day: 1}]\nexemptions:\n  - package: a\n';
    assert.deepEqual(
      (await issuesOf(text)).map((issue) => issue.split(':')[0]),
      [
        '1 extend',
        '3 checks.provenence',
        '4 checks.minimum-age[0]',
        '4 checks.minimum-age[1].day',
        '6 exemptions[0]',
        '6 exemptions[0]',
        '6 exemptions[0]',
      ],
    );
  });
  it('says the first mistake and how many more in its message', async () => {
    const error = await refusalOf(aHost({ cwd: aProject({ '.npmsignrc': 'extend: strict\ncheck: {}\n' }) }));
    assert.equal(
      error.message,
      '.npmsignrc:1: extend: unknown name "extend"; did you mean "extends"? (and 1 more)',
    );
    assert.equal(error.issues[1]?.file, '.npmsignrc');
  });
  it('counts at most a hundred mistakes', async () => {
    const text = Array.from({ length: 5000 }, (_, index) => `k${index}: 1`).join('\n');
    assert.equal((await issuesOf(text)).length, 100);
  });
  it('shows no secret', async () => {
    const token = `npm_${'s3cr3t'.repeat(6)}`;
    const texts = [
      `registries:\n  "https://user:hunter2@npm.example/": {}`,
      `registries:\n  "https://npm.example/": {_authToken: hunter2}`,
      `extends: ${token}`,
      `sign: {identity: ${token}}`,
      `sign: {fulcio: "https://user:hunter2@fulcio.example"}`,
      `${token}: 1`,
    ];
    for (const text of texts) {
      const error = await refusalOf(aHost({ cwd: aProject({ '.npmsignrc': text }) }));
      assert.doesNotMatch(JSON.stringify([error.message, error.issues, error.hint]), /hunter2|s3cr3t/, text);
    }
  });
  it('shows what is hostile harmless', async () => {
    const error = await refusalOf(aHost({ cwd: aProject({ '.npmsignrc': '"\\e[31m\\n::error::x": 1' }) }));
    assert.match(error.message, /\\u\{1b\}\[31m\\u\{a\}::error::x/);
  });
  it('in package.json names the lines of package.json', async () => {
    const text =
      '{\n  "name": "a",\n  "npmsign": {\n    "checks": {\n      "provenence": "error"\n    }\n  }\n}';
    const error = await refusalOf(aHost({ cwd: aProject({ 'package.json': text }) }));
    assert.match(error.message, /^package\.json:5: checks\.provenence: unknown check/);
  });
});

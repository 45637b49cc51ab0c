/** Policy files made to mislead, and scripts planted beside them that would leave a mark. */

/** Written into the project before the run. `MARK` in a text is a program that leaves a mark. */
export type PolicyAttack = {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  /** The error's code. */
  readonly code: string;
  readonly says: RegExp;
};

/** The file a planted script writes, if it is ever run. */
export const MARK_FILE = 'marked';
const MARK = `require('node:fs').writeFileSync('${MARK_FILE}', ''); module.exports = {};`;
const MARK_MODULE = `import { writeFileSync } from 'node:fs'; writeFileSync('${MARK_FILE}', ''); export default {};`;

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghi'.split('').map((key, index) => {
    const alias = `*${'abcdefgh'[index]}`;
    return `${key}: &${key} [${Array(9).fill(alias).join(', ')}]`;
  }),
].join('\n');

/** Everything row T17 names, and its near relatives. */
export const policyAttacks: readonly PolicyAttack[] = [
  {
    what: 'an unknown check',
    files: { '.npmsignrc': 'extends: recommended\nchecks:\n  provenanse: error\n' },
    code: 'POLICY_INVALID',
    says: /\.npmsignrc:3:? .*provenanse.*did you mean "?provenance"?/,
  },
  {
    what: 'a misspelt option',
    files: { '.npmsignrc': 'extends: recommended\nchecks:\n  minimum-age: [error, { day: 3 }]\n' },
    code: 'POLICY_INVALID',
    says: /\.npmsignrc:3:? .*day.*did you mean "?days"?/,
  },
  {
    what: 'an option of the wrong type',
    files: { '.npmsignrc': 'checks:\n  minimum-age: [error, { days: "3" }]\n' },
    code: 'POLICY_INVALID',
    says: /\.npmsignrc:2:? /,
  },
  {
    what: 'a level that is none',
    files: { '.npmsignrc': 'checks:\n  minimum-age: disabled\n' },
    code: 'POLICY_INVALID',
    says: /\.npmsignrc:2:? /,
  },
  {
    what: 'a key twice, the second switching the check off',
    files: { '.npmsignrc': 'checks:\n  provenance: error\n  provenance: off\n' },
    code: 'POLICY_INVALID',
    says: /:3/,
  },
  {
    what: 'a key twice in JSON',
    files: { '.npmsignrc': '{"checks":{"provenance":"error","provenance":"off"}}' },
    code: 'POLICY_INVALID',
    says: /provenance/,
  },
  {
    what: 'a bomb of YAML anchors',
    files: { '.npmsignrc': `${bomb}\n` },
    code: 'POLICY_INVALID',
    says: /alias|anchor/i,
  },
  {
    what: 'an anchor merged into the checks',
    files: { '.npmsignrc': 'x: &x { provenance: off }\nchecks:\n  <<: *x\n' },
    code: 'POLICY_INVALID',
    says: /./,
  },
  {
    what: 'a tag that asks for an object of the reader',
    files: { '.npmsignrc': 'checks: !!js/function "function () { return 1 }"\n' },
    code: 'POLICY_INVALID',
    says: /./,
  },
  {
    what: 'a policy that is a program',
    files: { '.npmsignrc.js': MARK },
    code: 'POLICY_INVALID',
    says: /is a program; a policy is data/,
  },
  {
    what: 'a policy that extends a package',
    files: { '.npmsignrc': 'extends: ./node_modules/evil/policy.json\n' },
    code: 'POLICY_INVALID',
    says: /node_modules/,
  },
  {
    what: 'a policy that extends a program',
    files: { '.npmsignrc': 'extends: ./evil.js\n', 'evil.js': MARK },
    code: 'POLICY_INVALID',
    says: /./,
  },
  {
    what: 'a policy that imports a program',
    files: { '.npmsignrc': '$import: ./evil.js\n', 'evil.js': MARK },
    code: 'POLICY_INVALID',
    says: /\$import/,
  },
  ...['js', 'cjs', 'ts'].map((ending) => ({
    what: `.config/config.${ending} planted to redirect the search`,
    files: { [`.config/config.${ending}`]: MARK },
    code: 'POLICY_REDIRECTED',
    says: /is a program that cosmiconfig would run/,
  })),
  {
    what: '.config/config.mjs planted to redirect the search',
    files: { '.config/config.mjs': MARK_MODULE },
    code: 'POLICY_REDIRECTED',
    says: /is a program that cosmiconfig would run/,
  },
  {
    what: 'package.json moving the search',
    files: {
      'package.json': '{"name":"project","version":"1.0.0","cosmiconfig":{"searchPlaces":["evil.js"]}}',
      'evil.js': MARK,
    },
    code: 'POLICY_REDIRECTED',
    says: /cosmiconfig/,
  },
  {
    what: '.config/config.json importing a program',
    files: { '.config/config.json': '{"$import":"../evil.js"}', 'evil.js': MARK },
    code: 'POLICY_REDIRECTED',
    says: /\$import/,
  },
];

/** Writes the policy of a project that adopts npmsign, or adds to the one it has. */
import type { Exemption } from '../model/policy.ts';
import type { Draft } from './draft.ts';
import { withListItem } from './yaml-edit.ts';

/** The file a new policy is written to. */
export const POLICY = '.npmsignrc';

/** A policy of the project's own, and where it stands in its file. */
export type ExistingPolicy = {
  /** Relative to the project. */
  readonly file: string;
};

/** A project without a policy gets one that says what holds without one, and waives what is already there. */
export function writePolicy(draft: Draft, exemptions: readonly Exemption[]): void {
  draft.write(POLICY, [...HEAD, ...waivers(exemptions), ''].join('\n'));
}

/** A policy that is there gets the exemptions, and keeps everything else. */
export function addExemptions(
  draft: Draft,
  { file }: ExistingPolicy,
  exemptions: readonly Exemption[],
): void {
  if (exemptions.length === 0) return;
  const text = draft.textOf(file) ?? '';
  if (file === 'package.json' || /^\ufeff?\s*\{/.test(text)) {
    const path = file === 'package.json' ? ['npmsign', 'exemptions'] : ['exemptions'];
    for (const exemption of exemptions) draft.addJson(file, path, writtenOf(exemption));
    return;
  }
  for (const exemption of exemptions) {
    const edit = withListItem(draft.textOf(file) ?? '', 'exemptions', linesOf(exemption));
    if (edit === undefined) {
      draft.byHand(`${file}: add to its exemptions\n${waivers(exemptions).join('\n')}`);
      return;
    }
    draft.insert(file, edit, edit.piece);
  }
}

const HEAD = [
  '# What npmsign asks of every package of this project before it is installed.',
  '$schema: ./node_modules/npmsign/schema.json',
  'extends: recommended   # observe | recommended | strict',
];

function waivers(exemptions: readonly Exemption[]): readonly string[] {
  if (exemptions.length === 0) return [];
  return [
    '',
    '# What was here before: each holds for this one version, until its day. Settle them one by one, and delete what is settled.',
    'exemptions:',
    ...exemptions.flatMap((exemption) => {
      const [first = '', ...rest] = linesOf(exemption);
      return [`  - ${first}`, ...rest.map((line) => `    ${line}`)];
    }),
  ];
}

// Names, versions and checks were held to their grammars before; in quotes a JSON string is a YAML string.
function linesOf({ package: spec, checks, reason, expires }: Exemption): readonly string[] {
  return [
    `package: ${JSON.stringify(spec)}`,
    `checks: [${checks.join(', ')}]`,
    `reason: ${JSON.stringify(reason)}`,
    `expires: ${expires}`,
  ];
}

function writtenOf({ package: spec, checks, reason, expires }: Exemption): object {
  return { package: spec, checks, reason, expires };
}

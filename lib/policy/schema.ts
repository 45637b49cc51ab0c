/** The one definition of a policy file's shape: it is read by it, and the JSON Schema is generated from it. */
import type {
  Exemption,
  Override,
  PartialSettings,
  RegistryPolicy,
  SignPolicy,
  TrustPolicy,
} from '../model/policy.ts';
import { packagePatternFault } from '../text/pattern-fault.ts';
import { checkIds } from './check-shapes.ts';
import { dayFault, extendsFault, PRESET_NAMES } from './faults.ts';
import { registriesShape } from './registries-shape.ts';
import { checksShape } from './setting-shape.ts';
import { choice, type JsonSchema, listOf, record, reference, type Shape, text, wrong } from './shape.ts';
import { signShape, trustShape } from './trust-shape.ts';

/** What one policy file says, read. Relative paths in it have become absolute. */
export type PolicyFile = {
  /** An empty list says: stand on nothing, not even the default preset. */
  readonly extends?: readonly string[];
  readonly checks?: PartialSettings;
  readonly overrides?: readonly Override[];
  readonly exemptions?: readonly Exemption[];
  readonly registries?: readonly RegistryPolicy[];
  readonly trust?: Partial<TrustPolicy>;
  readonly sign?: Partial<SignPolicy>;
};

/** The shape of a whole policy file. */
export function policyShape(): Shape<PolicyFile> {
  const checks = reference('checks', checksShape());
  return record(
    {
      $schema: text({ description: 'Where the JSON Schema of this file is, for editors.' }),
      extends: extendsShape(),
      checks,
      overrides: overridesShape(checks),
      exemptions: exemptionsShape(),
      registries: registriesShape(),
      trust: trustShape(),
      sign: signShape(),
    },
    { noun: 'name', description: 'What may be installed in this project, and what this project signs.' },
  );
}

/** The JSON Schema (draft 2020-12) of a policy file, with descriptions for editors. */
export function policySchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'npmsign policy',
    ...policyShape().schema,
    $defs: { checks: checksShape().schema },
  };
}

function extendsShape(): Shape<readonly string[]> {
  const item: Shape<string> = text({
    description: 'A preset, or a policy file as a path that starts with ./ or ../, relative to this one.',
    fault: extendsFault,
    schema: { anyOf: [{ enum: PRESET_NAMES }, { pattern: '^\\.\\.?/' }] },
  });
  const list = listOf(item, { description: 'Later ones win. Empty: stand on nothing.' });
  return {
    schema: {
      anyOf: [item.schema, list.schema],
      description: 'What this policy stands on. A policy that names no preset stands on recommended.',
    },
    read(value, place) {
      if (Array.isArray(value)) return list.read(value, place);
      const one = item.read(value, place);
      return one === undefined ? undefined : [one];
    },
  };
}

function overridesShape(checks: Shape<PartialSettings>): Shape<readonly Override[]> {
  const shape = record(
    {
      packages: packagesShape(),
      checks,
    },
    { noun: 'name', description: 'Checks for some packages.', required: ['packages', 'checks'] },
  );
  return listOf(located(shape), { description: 'Later matches win, option by option.' });
}

function packagesShape(): Shape<readonly string[]> {
  const pattern = text({
    description:
      'A name, or a glob on it, with an optional @range. A leading "!" excludes. ** covers scoped names, * does not.',
    fault: (found) => packagePatternFault(found.replace(/^!/, '')),
  });
  const list = listOf(pattern, { description: 'The last pattern that matches decides.', nonEmpty: true });
  return {
    ...list,
    read(value, place) {
      const patterns = list.read(value, place);
      if (patterns?.every((found) => found.startsWith('!')))
        return wrong(place, 'only excludes, so it names no package');
      return patterns;
    },
  };
}

function exemptionsShape(): Shape<readonly Exemption[]> {
  const shape = record(
    {
      package: text({ description: 'A name, a glob, or name@range.', fault: packagePatternFault }),
      checks: listOf(choice(checkIds, 'A check.'), {
        description: 'The checks that are waived.',
        nonEmpty: true,
      }),
      reason: text({ description: 'Why this is acceptable, for whoever reads the report.' }),
      expires: text({
        description: 'The last day it holds, yyyy-mm-dd.',
        fault: dayFault,
        schema: { format: 'date' },
      }),
    },
    {
      noun: 'name',
      description: 'A dated, reasoned waiver.',
      required: ['package', 'checks', 'reason', 'expires'],
    },
  );
  return listOf(located(shape), { description: 'Dated, reasoned waivers.' });
}

function located<T extends object>(shape: Shape<T>): Shape<T & { readonly at: string }> {
  return {
    ...shape,
    read(value, place) {
      const read = shape.read(value, place);
      return read === undefined ? undefined : { ...read, at: place.at() };
    },
  };
}

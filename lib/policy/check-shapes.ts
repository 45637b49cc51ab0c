/** Every check's options as a policy may write them, and what they are when it does not. */
import type { CheckId, CheckOptions } from '../model/policy.ts';
import { globFault, packagePatternFault } from '../text/pattern-fault.ts';
import { dateFault, visibleFault } from './faults.ts';
import { amount, choice, flag, listOf, record, type Shape, text } from './shape.ts';

/** One check, as a policy knows it. `defaults` also fill in what a policy leaves out. */
export type CheckShape<Id extends CheckId> = {
  readonly about: string;
  readonly options: Shape<Partial<CheckOptions[Id]>>;
  readonly defaults: CheckOptions[Id];
};

const GLOB = 'Matched whole: `*` covers anything but `/`, `**` covers slashes too.';

/** All checks, in the order of SPEC 3. */
export const checkShapes: { readonly [Id in CheckId]: CheckShape<Id> } = {
  'lockfile-integrity': {
    about: 'Is there a strong hash (sha512), equal to what the registry lists for this version?',
    options: optionsOf('lockfile-integrity', {}),
    defaults: {},
  },
  'lockfile-resolved': {
    about: 'Is the tarball URL the one the registry lists, over https, on an allowed host?',
    options: optionsOf('lockfile-resolved', {
      hosts: globs(`Hosts a tarball may come from besides the registries in use. ${GLOB}`),
    }),
    defaults: { hosts: [] },
  },
  'package-source': {
    about: 'Does it come from an allowed kind of place?',
    options: optionsOf('package-source', {
      allow: listOf(
        choice(['registry', 'git', 'remote', 'file', 'workspace', 'link', 'bundled'], 'A kind of place.'),
        {
          description: 'The kinds of place packages may come from.',
          nonEmpty: true,
        },
      ),
    }),
    defaults: { allow: ['registry', 'workspace', 'link', 'file', 'bundled'] },
  },
  'install-script': {
    about: 'Does it run code at install (scripts, or an implicit binding.gyp) without being allowed?',
    options: optionsOf('install-script', {
      allow: listOf(scriptPattern(), {
        description:
          'Packages whose install scripts were reviewed: name, glob or name@range; for a package from no registry, the place it comes ' +
          'from. A leading "!" excludes.',
      }),
    }),
    defaults: { allow: [] },
  },
  'reserved-bin': {
    about: 'Does it install a command named like a tool the gate relies on?',
    options: optionsOf('reserved-bin', {
      names: listOf(text({ description: 'A command, as it is typed.', fault: visibleFault }), {
        description: 'Further reserved commands, besides those the gate itself relies on.',
      }),
    }),
    defaults: { names: [] },
  },
  'registry-signature': {
    about: 'Did the registry sign exactly these bytes, with a key valid at publish time?',
    options: optionsOf('registry-signature', { required: required('signature') }),
    defaults: { required: true },
  },
  'publish-attestation': {
    about: "Is the publish itself logged publicly, signed by the registry's key?",
    options: optionsOf('publish-attestation', { required: required('publish attestation') }),
    defaults: { required: true },
  },
  provenance: {
    about: 'Is there verified build provenance for these bytes?',
    options: optionsOf('provenance', {
      required: required('provenance'),
      publishedAfter: text({
        description:
          'Versions published before this date (yyyy-mm-dd, or a time with its zone) need no provenance.',
        fault: dateFault,
      }),
    }),
    defaults: { required: true },
  },
  'source-repository': {
    about: 'Was it built from an allowed repository?',
    options: optionsOf('source-repository', {
      allow: globs(`Repository URLs, such as https://github.com/acme/*. ${GLOB}`),
      ids: exactIds('Numeric repository ids, in quotes: they survive renames and cannot be taken over.'),
      ownerIds: exactIds('Numeric owner ids, in quotes.'),
    }),
    defaults: { allow: [], ids: [], ownerIds: [] },
  },
  'source-ref': {
    about: 'Was it built from an allowed branch or tag?',
    options: optionsOf('source-ref', {
      allow: globs(
        `Refs, such as refs/tags/v\${version}; \${name} and \${version} are the package's own. ${GLOB}`,
        {
          variables: ['name', 'version'],
          nonEmpty: true,
        },
      ),
    }),
    defaults: { allow: [] },
  },
  'build-workflow': {
    about: 'Was it built by an allowed workflow file (and reusable builder)?',
    options: optionsOf('build-workflow', {
      allow: globs(`Workflow files, such as .github/workflows/release.yml. ${GLOB}`),
      builders: globs(`Builders: the reusable workflow that signed, as a URL, with or without @ref. ${GLOB}`),
    }),
    defaults: { allow: [], builders: [] },
  },
  'build-trigger': {
    about: 'Was the build started by an allowed event?',
    options: optionsOf('build-trigger', {
      allow: globs('Events that may start a release build, such as push or release.'),
      deny: globs('Events that may not, such as pull_request_target or issue_comment. Beats allow.'),
    }),
    defaults: { allow: [], deny: [] },
  },
  'build-runner': {
    about: 'Was it built on a hosted runner?',
    options: optionsOf('build-runner', {}),
    defaults: {},
  },
  'certificate-issuer': {
    about: 'Is it vouched for by an accepted OIDC issuer?',
    options: optionsOf('certificate-issuer', {
      allow: globs('OIDC issuers, such as https://token.actions.githubusercontent.com.', { nonEmpty: true }),
    }),
    defaults: { allow: [] },
  },
  'signer-identity': {
    about: "Is the certificate's subject allowed?",
    options: optionsOf('signer-identity', {
      allow: globs(`Subjects: e-mail addresses or URIs. ${GLOB}`, { nonEmpty: true }),
    }),
    defaults: { allow: [] },
  },
  'declared-repository': {
    about: 'Does package.json name the repository it was built from?',
    options: optionsOf('declared-repository', {}),
    defaults: {},
  },
  'minimum-age': {
    about: 'Has it been public for at least N days? Applies to locked versions too.',
    options: optionsOf('minimum-age', { days: amount(36_500, 'How many days.') }),
    defaults: { days: 1 },
  },
  'provenance-regression': {
    about: 'Did an earlier version in the same line have more proof?',
    options: optionsOf('provenance-regression', {
      baseline: choice(['major', 'all'], 'Compare within the same major version, or with all versions.'),
    }),
    defaults: { baseline: 'major' },
  },
  'locked-signer': {
    about: 'Is the signer still the one in npmsign.lock.json?',
    options: optionsOf('locked-signer', {}),
    defaults: {},
  },
};

/** Every check's name, in the order of SPEC 3. The table above has one entry for each id and no other. */
export const checkIds = Object.keys(checkShapes) as readonly CheckId[];

function optionsOf<F extends { readonly [name: string]: Shape<unknown> }>(id: CheckId, fields: F) {
  return record(fields, { noun: `option of ${id}`, description: `Options of ${id}.` });
}

function required(noun: string): Shape<boolean> {
  return flag(
    `Must there be a ${noun}? True unless said otherwise in the same place. When false, absent passes and refuted still fails.`,
  );
}

function globs(
  description: string,
  of: { readonly variables?: readonly string[]; readonly nonEmpty?: true } = {},
): Shape<readonly string[]> {
  const item = text({ description: 'Exact text or glob.', fault: (glob) => globFault(glob, of.variables) });
  return listOf(item, { description, ...(of.nonEmpty === true ? { nonEmpty: true } : {}) });
}

function exactIds(description: string): Shape<readonly string[]> {
  const fault = (id: string) =>
    /^[\w-]{1,100}$/.test(id) ? undefined : 'is no id; ids are compared exactly';
  return listOf(text({ description: 'An id, exactly.', fault, schema: { pattern: '^[\\w-]{1,100}$' } }), {
    description,
  });
}

function scriptPattern(): Shape<string> {
  return text({
    description: 'A package or a place.',
    fault(pattern) {
      const wanted = pattern.replace(/^!/, '');
      return /^[a-z+]+:/i.test(wanted) ? globFault(wanted) : packagePatternFault(wanted);
    },
  });
}

/** The flags every command takes (SPEC 2), and what they mean once read. */
import { UsageError } from '../errors.ts';
import type { Format } from '../index.ts';
import { nearest } from '../text/nearest.ts';
import { tame } from '../text/sanitize.ts';
import type { Flag, FlagUse, Invocation } from './command.ts';
import { flagIsOn, flagNumber, flagValue } from './flags.ts';

/** Every output format, in the order of SPEC 2. Written here so that a start which renders nothing loads no renderer. */
export const FORMATS = [
  'pretty',
  'json',
  'sarif',
  'github',
  'junit',
  'markdown',
  'html',
] as const satisfies readonly Format[];

/** The shared flags, in the order help lists them. */
export const SHARED_FLAGS: readonly Flag[] = [
  { name: 'policy', value: '<file>', about: 'judge under this policy file' },
  { name: 'lockfile', value: '<file>', about: 'judge this lockfile' },
  { name: 'format', value: '<format>', about: `${FORMATS.join(', ')}; may repeat`, repeatable: true },
  {
    name: 'output',
    short: 'o',
    value: '<file>',
    about: 'write the format named before it to a file',
    repeatable: true,
  },
  { name: 'offline', about: 'use the cache and the embedded trust root only' },
  { name: 'prefer-offline', about: 'ask the network only for what the cache lacks' },
  { name: 'no-remember', about: 'do not reuse the verdict of an unchanged project' },
  { name: 'trusted-root', value: '<file>', about: 'trace signatures back to this trusted_root.json' },
  {
    name: 'evidence',
    value: '<dir>',
    about: 'ask nobody: judge by a folder that npmsign bundle has written',
  },
  {
    name: 'hash-tarballs',
    about: 'with yarn 4: fetch each tarball and hash it, so that its signatures can be checked',
  },
  { name: 'registry', value: '<url>', about: 'use this registry' },
  { name: 'concurrency', value: '<n>', about: 'at most this many requests at once, 1 to 256' },
  { name: 'quiet', about: 'say only what stops an install' },
  { name: 'verbose', about: 'cut nothing short' },
];

/** Where one rendering goes: stdout, unless a file is named. */
export type Output = { readonly format: Format; readonly file?: string };

/** The shared flags, understood. */
export type SharedOptions = {
  readonly policy?: string;
  readonly lockfile?: string;
  readonly trustedRoot?: string;
  readonly evidence?: string;
  readonly registry?: string;
  readonly concurrency?: number;
  readonly offline: boolean;
  readonly preferOffline: boolean;
  readonly remember: boolean;
  readonly hashTarballs: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** At least one; at most one goes to stdout. */
  readonly outputs: readonly Output[];
};

/** Reads the shared flags, the environment filling in for what the command line leaves out. Throws `UsageError`. */
export function sharedOptionsOf(invocation: Invocation): SharedOptions {
  const policy = flagValue(invocation, 'policy');
  const lockfile = flagValue(invocation, 'lockfile');
  const trustedRoot = flagValue(invocation, 'trusted-root');
  const evidence = flagValue(invocation, 'evidence');
  const registry = registryUrl(flagValue(invocation, 'registry'));
  const concurrency = flagNumber(invocation, 'concurrency', { from: 1, to: 256 });
  return {
    ...(policy === undefined ? {} : { policy }),
    ...(lockfile === undefined ? {} : { lockfile }),
    ...(trustedRoot === undefined ? {} : { trustedRoot }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(registry === undefined ? {} : { registry }),
    ...(concurrency === undefined ? {} : { concurrency }),
    offline: flagIsOn(invocation, 'offline'),
    preferOffline: flagIsOn(invocation, 'prefer-offline'),
    // What was fetched and hashed is not kept, and so not remembered.
    remember: !flagIsOn(invocation, 'no-remember') && !flagIsOn(invocation, 'hash-tarballs'),
    hashTarballs: flagIsOn(invocation, 'hash-tarballs'),
    quiet: flagIsOn(invocation, 'quiet'),
    verbose: flagIsOn(invocation, 'verbose'),
    outputs: outputsOf(invocation),
  };
}

/** Refuses formats a command cannot render. Throws `UsageError`. */
export function requireFormats(outputs: readonly Output[], possible: readonly Format[]): void {
  const wrong = outputs.find(({ format }) => !possible.includes(format));
  if (wrong === undefined) return;
  const message = `--format ${wrong.format} does not fit this command; it renders ${possible.join(' and ')}.`;
  throw new UsageError('BAD_FLAG_VALUE', message);
}

function registryUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UsageError('BAD_FLAG_VALUE', `--registry is ${tame(text, 120)}; it takes an http or https URL.`);
}

/** An `--output` belongs to the `--format` before it; in front of the first one, to that; alone, to `pretty`. */
function outputsOf(invocation: Invocation): readonly Output[] {
  const outputs: { format?: Format; file?: string }[] = [];
  for (const { name, value } of formatUses(invocation)) {
    const last = outputs.at(-1);
    const open = name === 'format' ? last?.format === undefined : last?.file === undefined;
    const target = last !== undefined && open ? last : {};
    if (target !== last) outputs.push(target);
    if (name === 'format') target.format = formatOf(value);
    else target.file = value;
  }
  const settled = outputs.map(({ format = 'pretty', file }) =>
    file === undefined ? { format } : { format, file },
  );
  refuseCollisions(settled);
  return settled.length === 0 ? [{ format: 'pretty' }] : settled;
}

function formatUses({ uses, env }: Invocation): readonly FlagUse[] {
  const given = uses.filter(({ name }) => name === 'format' || name === 'output');
  if (given.length > 0) return given;
  const fromEnv = { uses: [], env };
  const format = flagValue(fromEnv, 'format');
  const file = flagValue(fromEnv, 'output');
  return [
    ...(format === undefined ? [] : [{ name: 'format', value: format }]),
    ...(file === undefined ? [] : [{ name: 'output', value: file }]),
  ];
}

function formatOf(text: string): Format {
  const found = FORMATS.find((format) => format === text);
  if (found !== undefined) return found;
  const close = nearest(text, FORMATS);
  throw new UsageError('BAD_FLAG_VALUE', `There is no format ${tame(text, 60)}.`, {
    hint: close === undefined ? `Formats are ${FORMATS.join(', ')}.` : `Did you mean ${close}?`,
  });
}

function refuseCollisions(outputs: readonly Output[]): void {
  const places = outputs.map(({ file }) => file);
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (new Set(places).size === places.length) return;
  const where = twice === undefined ? 'stdout' : tame(twice);
  throw new UsageError('BAD_FLAG_VALUE', `Two formats would be written to ${where}.`, {
    hint: 'Give each --format but one an --output of its own.',
  });
}

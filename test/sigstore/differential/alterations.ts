/** Alters a bundle the way somebody who knows its structure would: as JSON, as protobuf, as DER, as what is signed inside. */
import { mutateDer } from './der-mutations.ts';
import {
  at,
  type JsonValue,
  type Mutation,
  mutate,
  type Path,
  pathsOf,
  pick,
  remove,
  set,
} from './json-mutations.ts';

/** How a bundle was altered; the rows of the table. */
export const ALTERATIONS = [
  'json',
  'der',
  'inner json',
  'field swap',
  'protobuf form',
  'media type',
  'log index',
  'checkpoint',
  'time',
] as const;

/** A kind of alteration. */
export type Alteration = (typeof ALTERATIONS)[number];

/** One change of one kind; where this kind fits nothing in the bundle, of the plain one. */
export function alter(
  value: JsonValue,
  other: JsonValue,
  dice: () => number,
): Mutation & { readonly kind: Alteration } {
  const kind = pick(WEIGHTED, dice);
  for (let tries = 0; tries < 20; tries++) {
    const found = MAKERS[kind](value, other, dice);
    if (found !== undefined && JSON.stringify(found.value) !== JSON.stringify(value))
      return { ...found, kind };
  }
  return { ...mutate(value, other, dice), kind: 'json' };
}

/** What needs more tries to reach everything comes more often. */
const WEIGHTED: readonly Alteration[] = [
  ...Array<Alteration>(6).fill('json'),
  ...Array<Alteration>(6).fill('der'),
  ...Array<Alteration>(2).fill('inner json'),
  ...Array<Alteration>(2).fill('field swap'),
  ...Array<Alteration>(2).fill('protobuf form'),
  'media type',
  'log index',
  'checkpoint',
  'checkpoint',
  'time',
];

type Make = (value: JsonValue, other: JsonValue, dice: () => number) => Mutation | undefined;

const MAKERS: Readonly<Record<Alteration, Make>> = {
  json: mutate,
  der: (value, other, dice) => {
    const [path, bytes] = pickBytes(value, dice, (candidate) => candidate[0] === 0x30) ?? [];
    if (path === undefined || bytes === undefined) return undefined;
    const done = mutateDer(bytes, bytesAt(other, path), dice);
    return done && put(value, path, { what: done.what, after: done.bytes.toString('base64') });
  },
  'inner json': (value, other, dice) => {
    const [path, bytes] = pickBytes(value, dice, (candidate) => jsonIn(candidate) !== undefined) ?? [];
    const inner = bytes && jsonIn(bytes);
    if (path === undefined || inner === undefined) return undefined;
    const foreign = bytesAt(other, path);
    const done = mutate(inner, (foreign && jsonIn(foreign)) ?? null, dice);
    const after = Buffer.from(JSON.stringify(done.value)).toString('base64');
    return put(value, path, { what: `inside: ${done.what}`, after });
  },
  'field swap': (value, other, dice) => {
    const fields = pick(FIELDS, dice);
    const copy = structuredClone(value);
    for (const path of fields) {
      const foreign = at(other, path);
      if (foreign === undefined) remove(copy, path);
      else set(copy, path, structuredClone(foreign));
    }
    return {
      what: `taken from another bundle: ${fields.map((path) => path.join('.')).join(', ')}`,
      value: copy,
    };
  },
  'protobuf form': (value, other, dice) => {
    const path = pick(pathsOf(value), dice);
    const form = pick(FORMS, dice);
    return form.make(value, { path, other, dice });
  },
  'media type': (value, _, dice) =>
    put(value, ['mediaType'], { what: 'media type', after: pick(MEDIA_TYPES, dice) }),
  'log index': (value, _, dice) => numberAt(value, dice, INDEXES),
  checkpoint: (value, other, dice) => {
    const path = [...ENTRY, 'inclusionProof', 'checkpoint', 'envelope'];
    const [text, foreign] = [at(value, path), at(other, path)];
    if (typeof text !== 'string') return undefined;
    const edit = pick(CHECKPOINTS, dice);
    return put(value, path, {
      what: `checkpoint: ${edit.what}`,
      after: edit.make(text, String(foreign ?? text), dice),
    });
  },
  time: (value, _, dice) => numberAt(value, dice, TIMES),
};

const ENTRY: Path = ['verificationMaterial', 'tlogEntries', 0];
const STAMPS: Path = ['verificationMaterial', 'timestampVerificationData', 'rfc3161Timestamps'];
const CONTENTS: readonly Path[] = [['dsseEnvelope'], ['messageSignature']];
const KEYS: readonly Path[] = ['certificate', 'x509CertificateChain', 'publicKey'].map((name) => [
  'verificationMaterial',
  name,
]);

/** Fields that belong together in the Sigstore bundle's protobuf, moved together. */
const FIELDS: readonly (readonly Path[])[] = [
  CONTENTS,
  KEYS,
  [['verificationMaterial', 'tlogEntries']],
  [STAMPS],
  [['verificationMaterial']],
  [...CONTENTS, ...KEYS],
  [...CONTENTS, ['verificationMaterial', 'tlogEntries']],
  [...KEYS, ['verificationMaterial', 'tlogEntries']],
  [['mediaType']],
  [['mediaType'], ['verificationMaterial', 'tlogEntries']],
  ...[
    'inclusionProof',
    'inclusionPromise',
    'canonicalizedBody',
    'kindVersion',
    'logId',
    'logIndex',
    'integratedTime',
  ].map((name): readonly Path[] => [[...ENTRY, name]]),
  [
    [...ENTRY, 'inclusionProof'],
    [...ENTRY, 'logIndex'],
  ],
  [
    [...ENTRY, 'canonicalizedBody'],
    [...ENTRY, 'inclusionProof'],
  ],
  [
    [...ENTRY, 'inclusionPromise'],
    [...ENTRY, 'integratedTime'],
    [...ENTRY, 'logIndex'],
  ],
  ...['rootHash', 'treeSize', 'hashes', 'checkpoint', 'logIndex'].map((name): readonly Path[] => [
    [...ENTRY, 'inclusionProof', name],
  ]),
];

type Setting = { readonly path: Path; readonly other: JsonValue; readonly dice: () => number };
type Form = { readonly make: (value: JsonValue, setting: Setting) => Mutation | undefined };

/** Other spellings that the JSON mapping of protobuf knows, or that a lenient reader takes (ProtoJSON). */
const FORMS: readonly Form[] = [
  { make: (value, { path }) => renamed(value, path, { what: 'snake case', spelt: snakeCase }) },
  {
    make: (value, { path }) =>
      renamed(value, path, { what: 'upper case', spelt: (name) => name.toUpperCase() }),
  },
  text('base64url', (before) => before.replaceAll('+', '-').replaceAll('/', '_')),
  text('base64 without padding', (before) => before.replace(/=+$/, '')),
  text('base64 with a line break', (before) => `${before.slice(0, 8)}\n${before.slice(8)}`),
  text('base64 padded once more', (before) => `${before}=`),
  text('a number instead of digits', (before) => (/^\d+$/.test(before) ? Number(before) : before)),
  text('digits with a sign', (before) => (/^\d+$/.test(before) ? `+${before}` : before)),
  text('digits with a zero in front', (before) => (/^\d+$/.test(before) ? `0${before}` : before)),
  text('digits with an exponent', (before) => (/^\d+$/.test(before) ? `${before}e0` : before)),
  text('an enumeration by number', (before) => (before === 'SHA2_256' ? 1 : before)),
  {
    make: (value, { path }) =>
      put(value, path, { what: 'a list around it', after: [at(value, path) ?? null] }),
  },
  {
    make: (value, { path }) => put(value, [...path, 'unknownField'], { what: 'an unknown field', after: 1 }),
  },
  {
    make: (value, { path }) =>
      put(value, [...path, '$case'], { what: 'a marker of ts-proto', after: 'dsseEnvelope' }),
  },
  {
    make(value, { other }) {
      const copy = structuredClone(value);
      for (const path of [...CONTENTS, ...KEYS]) {
        const foreign = at(other, path);
        if (at(copy, path) === undefined && foreign !== undefined) set(copy, path, structuredClone(foreign));
      }
      return { what: 'both of two alternatives', value: copy };
    },
  },
];

function text(what: string, make: (before: string) => JsonValue): Form {
  return {
    make(value, { path }) {
      const before = at(value, path);
      return typeof before === 'string' ? put(value, path, { what, after: make(before) }) : undefined;
    },
  };
}

function renamed(
  value: JsonValue,
  path: Path,
  { what, spelt }: { what: string; spelt: (name: string) => string },
): Mutation | undefined {
  const name = path.at(-1);
  const part = at(value, path);
  if (typeof name !== 'string' || part === undefined) return undefined;
  const copy = structuredClone(value);
  remove(copy, path);
  set(copy, [...path.slice(0, -1), spelt(name)], part);
  return { what: `${what} at ${path.join('.')}`, value: copy };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const MEDIA_TYPES: readonly JsonValue[] = [
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
  'application/vnd.dev.sigstore.bundle.v0.2+json',
  'application/vnd.dev.sigstore.bundle.v0.4+json',
  'application/vnd.dev.sigstore.bundle.v0.30+json',
  'application/vnd.dev.sigstore.bundle+json; version=0.3',
  'APPLICATION/VND.DEV.SIGSTORE.BUNDLE.V0.3+JSON',
  'application/vnd.dev.sigstore.bundle.v0.3+json;charset=utf-8',
  ' application/vnd.dev.sigstore.bundle.v0.3+json',
  'application/json',
  '',
];

const INDEXES: readonly Path[] = [
  [...ENTRY, 'logIndex'],
  [...ENTRY, 'inclusionProof', 'logIndex'],
  [...ENTRY, 'inclusionProof', 'treeSize'],
];
const TIMES: readonly Path[] = [[...ENTRY, 'integratedTime']];

function numberAt(value: JsonValue, dice: () => number, paths: readonly Path[]): Mutation | undefined {
  const path = pick(paths, dice);
  const before = Number(at(value, path) ?? 0);
  const after = pick(
    [
      before + 1,
      before - 1,
      -before,
      0,
      before * 2,
      before + 600,
      before - 600,
      before + 0.5,
      2 ** 53,
      2 ** 63,
    ],
    dice,
  );
  return put(value, path, { what: 'number', after: String(after) });
}

type CheckpointEdit = {
  readonly what: string;
  readonly make: (text: string, foreign: string, dice: () => number) => string;
};

/** A checkpoint is a signed note: origin, size, root hash, further lines, an empty line, signature lines. */
const CHECKPOINTS: readonly CheckpointEdit[] = [
  { what: 'a line removed', make: (note, _, dice) => lines(note, dice, () => []) },
  { what: 'a line doubled', make: (note, _, dice) => lines(note, dice, (line) => [line, line]) },
  { what: 'a line added', make: (note, _, dice) => lines(note, dice, (line) => [line, 'x']) },
  { what: 'an empty line added', make: (note, _, dice) => lines(note, dice, (line) => [line, '']) },
  { what: 'a space added', make: (note, _, dice) => lines(note, dice, (line) => [`${line} `]) },
  { what: 'carriage returns', make: (note) => note.replaceAll('\n', '\r\n') },
  { what: 'no end of line', make: (note) => note.replace(/\n$/, '') },
  { what: 'another hyphen', make: (note) => note.replaceAll('—', '-') },
  { what: "another bundle's", make: (_, foreign) => foreign },
  {
    what: "another's signatures",
    make: (note, foreign) => `${note.split('\n\n')[0]}\n\n${foreign.split('\n\n')[1] ?? ''}`,
  },
  {
    what: "another's signatures as well",
    make: (note, foreign) => `${note}${foreign.split('\n\n')[1] ?? ''}`,
  },
  { what: 'a note around it', make: (note) => `${note}\n${note}` },
  {
    what: 'the origin in capitals',
    make: (note) => note.replace(/^[^\n]*/, (origin) => origin.toUpperCase()),
  },
  { what: 'the size with a zero in front', make: (note) => note.replace(/\n(\d+)\n/, '\n0$1\n') },
];

function lines(note: string, dice: () => number, make: (line: string) => readonly string[]): string {
  const all = note.split('\n');
  const chosen = Math.floor(dice() * all.length);
  return all.flatMap((line, index) => (index === chosen ? make(line) : [line])).join('\n');
}

type Part = { readonly what: string; readonly after: JsonValue };

function put(value: JsonValue, path: Path, { what, after }: Part): Mutation {
  const copy = structuredClone(value);
  set(copy, path, after);
  return { what: `${what} at ${path.join('.')}`, value: copy };
}

function pickBytes(
  value: JsonValue,
  dice: () => number,
  fits: (bytes: Buffer) => boolean,
): readonly [Path, Buffer] | undefined {
  const found = pathsOf(value).flatMap((path): readonly (readonly [Path, Buffer])[] => {
    const bytes = bytesAt(value, path);
    return bytes !== undefined && fits(bytes) ? [[path, bytes]] : [];
  });
  return found.length === 0 ? undefined : pick(found, dice);
}

function bytesAt(value: JsonValue, path: Path): Buffer | undefined {
  const before = at(value, path);
  if (typeof before !== 'string' || before.length < 12) return undefined;
  const bytes = Buffer.from(before, 'base64');
  return bytes.toString('base64') === before ? bytes : undefined;
}

function jsonIn(bytes: Buffer): JsonValue | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as JsonValue;
  } catch {
    return undefined; // Bytes that happen to begin like an object.
  }
}

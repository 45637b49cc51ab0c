/** The form of a folder of evidence: one index, one file for each answer. */
import { hash } from 'node:crypto';
import type { AnswerKey, QuestionKind } from '../registry/index.ts';

/** The version of this form that is written, and the only one that is read. */
export const SCHEMA = 1;
/** Lists everything else in the folder. */
export const INDEX_FILE = 'evidence.json';
/** The trust root's TUF repository as signed metadata, where there is one. */
export const TRUST_FILE = 'trust.json';
/** The folder of the answers. */
export const ANSWERS_FOLDER = 'answers';

/** One answer, as the index has it. */
export type Entry = AnswerKey & {
  /** ISO 8601. */
  readonly takenAt: string;
  /** Lower-case hex of the answer's file; absent where the registry said that there is no such thing. */
  readonly sha256?: string;
};

/** The index. */
export type Index = {
  readonly npmsign: string;
  /** When the folder was written, ISO 8601. */
  readonly takenAt: string;
  /** Lower-case hex of the trust root's file, where there is one. */
  readonly trust?: string;
  readonly answers: readonly Entry[];
};

/** The index as text: one answer a line, sorted, the same for the same index. */
export function renderIndex({ npmsign, takenAt, trust, answers }: Index): string {
  const head = { schema: SCHEMA, npmsign, takenAt, trust: trust ?? null };
  const lines = Object.entries(head).map(([name, value]) => `  "${name}": ${JSON.stringify(value)},`);
  const entries = [...answers].sort(byUrl).map((entry) => `    ${JSON.stringify(rowOf(entry))}`);
  return ['{', ...lines, '  "answers": [', entries.join(',\n'), '  ]', '}', ''].join('\n');
}

/** Reads an index back. Answers what is wrong with it instead where it is not, byte for byte, what would be written. */
export function parseIndex(text: string): Index | string {
  const json = jsonOf(text);
  if (!isObject(json)) return 'is not a JSON object';
  if (json['schema'] !== SCHEMA)
    return `has schema ${numberIn(json['schema'])}; this npmsign reads ${SCHEMA}`;
  const { npmsign, takenAt, trust, answers } = json;
  if (typeof npmsign !== 'string' || !isDate(takenAt)) return 'does not say what wrote it and when';
  if (trust !== null && !isDigest(trust)) return 'does not say whether there is a trust root';
  const entries = Array.isArray(answers) ? answers.map(entryOf) : [undefined];
  const whole = entries.filter((entry) => entry !== undefined);
  if (whole.length < entries.length) return 'lists an answer that is none';
  const index = { npmsign, takenAt, answers: whole, ...(trust === null ? {} : { trust }) };
  // What reads differently elsewhere, such as a key given twice, is not in the form.
  return renderIndex(index) === text ? index : 'is not in the form npmsign writes';
}

/** Names a question. */
export function keyOf({ kind, url }: AnswerKey): string {
  return `${kind} ${url}`;
}

/** The file of an answer: named for the question alone, so that no index can lead elsewhere. Letter case tells no two apart. */
export function fileNameOf(key: AnswerKey): string {
  const shown = new URL(key.url).pathname
    .toLowerCase()
    .replace(/%40/g, '@')
    .replace(/[^a-z0-9@._]+/g, '-')
    .replace(/^-+|[-.]+$/g, '');
  return `${key.kind}-${shown.slice(-80)}-${digestOf(keyOf(key)).slice(0, 16)}.json`;
}

/** SHA-256 in lower-case hex. */
export function digestOf(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}

/** Is it an object, and no array? */
export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a text says in JSON; `undefined` where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller says which file is not JSON.
  }
}

type Row = AnswerKey & { readonly takenAt: string; readonly sha256: string | null };

function rowOf({ kind, url, takenAt, sha256 }: Entry): Row {
  return { kind, url, takenAt, sha256: sha256 ?? null };
}

function byUrl(a: Entry, b: Entry): number {
  const [one, other] = [`${a.url} ${a.kind}`, `${b.url} ${b.kind}`];
  return one < other ? -1 : Number(one > other);
}

function entryOf(row: unknown): Entry | undefined {
  if (!isObject(row)) return undefined;
  const { kind, url, takenAt, sha256 } = row;
  const isAnswered = sha256 === null || isDigest(sha256);
  if (!isKind(kind) || !isUrl(url) || !isDate(takenAt) || !isAnswered) return undefined;
  return { kind, url, takenAt, ...(sha256 === null ? {} : { sha256 }) };
}

const KINDS = {
  manifest: true,
  attestations: true,
  keys: true,
  packument: true,
  listed: true,
  modified: true,
} as const satisfies Readonly<Record<QuestionKind, true>>;

function isKind(value: unknown): value is QuestionKind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:/.test(value);
}

function isDate(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function numberIn(value: unknown): string {
  return typeof value === 'number' ? String(value) : 'none';
}

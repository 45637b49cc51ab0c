/** Parses in-toto statements and compares their subject with a package. */
import type { PackageId } from '../model/package.ts';
import { purlOf } from '../text/package-id.ts';
import type { HashName } from './crypto.ts';
import { refuse } from './fault.ts';
import {
  arrayAt,
  type JsonObject,
  member,
  objectAt,
  objectOf,
  parseJson,
  partAt,
  stringAt,
  textAt,
} from './json.ts';

/** An in-toto statement whose signature held. */
export type Statement = {
  readonly subjects: readonly JsonObject[];
  readonly predicateType: string;
  /** Read member by member; its shape depends on the type. */
  readonly predicate: JsonObject | undefined;
};

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const STATEMENT_TYPES: ReadonlySet<string> = new Set([
  'https://in-toto.io/Statement/v0.1',
  'https://in-toto.io/Statement/v1',
]);
/** More subjects than any release has files. */
const LIMIT = 4096;

/** Parses a verified payload (in-toto attestation framework, Statement v0.1 and v1). */
export function parseStatement(payloadType: string, payload: Uint8Array): Statement {
  const { statement, subjects } = parseSubjects(payloadType, payload);
  if (!STATEMENT_TYPES.has(stringAt(statement, '_type', 'statement'))) {
    return refuse('STATEMENT', 'the signed statement is of an unknown type');
  }
  return {
    subjects,
    predicateType: stringAt(statement, 'predicateType', 'statement'),
    predicate: partAt(statement, 'predicate'),
  };
}

/** The subjects alone, of a verified payload whose type may be missing: some signers leave out what nobody asks them for. */
export function parseSubjects(
  payloadType: string,
  payload: Uint8Array,
): { readonly statement: JsonObject; readonly subjects: readonly JsonObject[] } {
  if (payloadType !== PAYLOAD_TYPE)
    return refuse('STATEMENT', 'the signed payload is not an in-toto statement');
  const statement = objectOf(parseJson(payload, 'the signed statement'), 'statement');
  const subjects = arrayAt(statement, 'subject', 'statement', LIMIT);
  return { statement, subjects: subjects.map((subject, index) => objectOf(subject, `subject[${index}]`)) };
}

/** Refuses unless the statement's only subject is this package with these bytes: npm's purl and the sha512 in lower-case hex. */
export function checkSubject(statement: Statement, id: PackageId, sha512: string): void {
  const [subject, second] = statement.subjects;
  if (subject === undefined || second !== undefined) {
    refuse('SUBJECT', `the statement has ${statement.subjects.length} subjects instead of one`);
  }
  if (member(subject, 'name') !== purlOf(id))
    refuse('SUBJECT', 'the statement is about another package or version');
  if (member(objectAt(subject, 'digest', 'subject'), 'sha512') !== sha512) {
    refuse('SUBJECT', 'the statement is about other bytes than the lockfile pins');
  }
}

/** The digests of a subject that mean something here, in lower-case hex. */
export function digestsOf(subject: JsonObject): readonly (readonly [HashName, string])[] {
  const digests = partAt(subject, 'digest');
  return ALGORITHMS.flatMap((algorithm) => {
    const hex = textAt(digests, algorithm);
    return hex === undefined ? [] : [[algorithm, hex.toLowerCase()] as const];
  });
}

const ALGORITHMS: readonly HashName[] = ['sha256', 'sha384', 'sha512'];

/** Parses what a registry says about all versions of a name. */
import type { History, HistoryEntry } from '../model/evidence.ts';
import { tame } from '../text/sanitize.ts';
import {
  dateOf,
  fieldOf,
  isObject,
  type JsonObject,
  objectIn,
  type Parsed,
  pickedFrom,
  pickedIn,
  textIn,
} from './json.ts';

/** What was asked, so that the answer can be held to it. */
export type PackumentQuestion = { readonly name: string; readonly now: Date };

/** Parses a full packument. An answer about another name is malformed. Total: never throws. */
export function parseHistory(json: unknown, question: PackumentQuestion): Parsed<History> {
  const named = parseNamed(json, question.name);
  if (named.kind === 'malformed') return named;
  const packument = named.value;
  const time = objectIn(packument, 'time');
  const versions = Object.entries(objectIn(packument, 'versions'))
    .filter(([version]) => version.length <= 256)
    .map(([version, manifest]) =>
      entryOf(version, { manifest, published: dateOf(fieldOf(time, version), question.now) }),
    );
  const modified = dateOf(fieldOf(packument, 'modified') ?? fieldOf(time, 'modified'), question.now);
  return { kind: 'value', value: { versions, ...(modified === undefined ? {} : { modified }) } };
}

/**
 * Parses the time of the last change out of an abbreviated packument, as an upper bound for the age of `version`. A packument
 * that does not list the version may be older than it, and is malformed. Total: never throws.
 */
export function parseModified(
  json: unknown,
  question: PackumentQuestion & { readonly version: string },
): Parsed<string> {
  const named = parseNamed(json, question.name);
  if (named.kind === 'malformed') return named;
  if (versionIn(named.value, question.version) === undefined) {
    return {
      kind: 'malformed',
      reason: `its packument does not list version ${tame(question.version, 200)}`,
    };
  }
  const modified = dateOf(fieldOf(named.value, 'modified'), question.now);
  if (modified === undefined)
    return { kind: 'malformed', reason: 'its packument does not say when it was modified' };
  return { kind: 'value', value: modified };
}

/** What of a packument is kept for the next run: as served, all that `parseHistory` looks at; of signatures only that there are some. */
export function historyIn(json: JsonObject): JsonObject {
  const versions = Object.entries(objectIn(json, 'versions'));
  return {
    ...pickedFrom(json, ['name', 'modified', 'time']),
    versions: Object.fromEntries(versions.map(([version, manifest]) => [version, traceOf(manifest)])),
  };
}

function traceOf(manifest: unknown): JsonObject {
  const own = isObject(manifest) ? manifest : {};
  const dist = objectIn(own, 'dist');
  return {
    dist: {
      attestations: pickedIn(dist, 'attestations', ['provenance']),
      ...(hasSignatures(dist) ? { signatures: [true] } : {}),
    },
    _npmUser: pickedIn(own, '_npmUser', ['trustedPublisher', 'approver']),
    deprecated: isDeprecated(own) || undefined,
  };
}

/** What of an abbreviated packument is kept for the next run: as served, all that `parseModified` looks at. */
export function modifiedIn(json: JsonObject): JsonObject {
  const versions = Object.keys(objectIn(json, 'versions'));
  return {
    ...pickedFrom(json, ['name', 'modified']),
    versions: Object.fromEntries(versions.map((version) => [version, true])),
  };
}

/** The manifest of one version inside a packument, or `undefined` where that version is not listed. */
export function versionIn(json: unknown, version: string): unknown {
  return isObject(json) ? fieldOf(objectIn(json, 'versions'), version) : undefined;
}

function parseNamed(json: unknown, name: string): Parsed<JsonObject> {
  if (!isObject(json)) return { kind: 'malformed', reason: 'its packument is not a JSON object' };
  if (fieldOf(json, 'name') === name) return { kind: 'value', value: json };
  const said = tame(textIn(json, 'name') ?? 'nothing', 200);
  return { kind: 'malformed', reason: `asked about ${tame(name, 200)}, it answered about ${said}` };
}

function entryOf(
  version: string,
  listed: { readonly manifest: unknown; readonly published: string | undefined },
): HistoryEntry {
  const manifest = isObject(listed.manifest) ? listed.manifest : {};
  const dist = objectIn(manifest, 'dist');
  const publisher = objectIn(manifest, '_npmUser');
  return {
    version,
    ...(listed.published === undefined ? {} : { publishedAt: listed.published }),
    hasProvenance: isObject(fieldOf(objectIn(dist, 'attestations'), 'provenance')),
    hasSignature: hasSignatures(dist),
    trustedPublisher: isObject(fieldOf(publisher, 'trustedPublisher')),
    ...(isObject(fieldOf(publisher, 'approver')) ? { stagedPublish: true } : {}),
    deprecated: isDeprecated(manifest),
  };
}

function hasSignatures(dist: JsonObject): boolean {
  const signatures = fieldOf(dist, 'signatures');
  return Array.isArray(signatures) && signatures.length > 0;
}

function isDeprecated(manifest: JsonObject): boolean {
  return Boolean(fieldOf(manifest, 'deprecated'));
}

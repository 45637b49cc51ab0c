/**
 * Reads the text of `npmsign.lock.json`.
 *
 * The file is an object of `lockVersion` (1), `issuer` (whoever vouches for signers that name no other) and `packages`: `name@line` → what
 * was accepted last. A line is a major version, `0.<minor>` below 1, or one whole version, which then speaks for that version alone. Fields
 * with an ordinary value are left out: `proof` when there is a signer, `installScript` when false, `bins` when none, `source` when a registry.
 */
import { LockError } from '../errors.ts';
import type { Acceptance, LockEntry, LockedSigner, ProofLevel } from '../model/lock.ts';
import { holdsTooMany, MOST_VALUES } from '../text/json-values.ts';
import { scanKeys } from '../text/lines.ts';
import { isPackageName, splitSpec } from '../text/package-id.ts';
import { PROOF_LEVELS } from '../text/proof-level.ts';
import { entryKey, isLine } from '../text/release-line.ts';
import { tame, visible } from '../text/sanitize.ts';
import { isVersion } from '../text/semver.ts';
import { LOCK_VERSION, REF_CLASSES, SIGNER_FIELDS, SOURCES } from './format.ts';

type Fields = Readonly<Record<string, unknown>>;

const ENTRY_FIELDS = ['proof', 'source', ...SIGNER_FIELDS, 'installScript', 'bins', 'accepted'];
/** Nearly every text is plain, and known to be harmless at a glance. */
const PLAIN = /^[\x20-\x7e]*$/;
const REWRITE =
  'Restore the file from version control, or delete it, run npmsign lock, and review the difference.';

/** Parses a signer lock. Strict: what it does not know is refused, never skipped. Throws `LockError`. */
export function parseLock(text: string, file: string): ReadonlyMap<string, LockEntry> {
  const lock = parseText(text, file);
  if (lock['lockVersion'] !== LOCK_VERSION) {
    const found = tame(JSON.stringify(lock['lockVersion']) ?? 'nothing', 20);
    throw new LockError(
      'LOCK_VERSION',
      `${file} has lockVersion ${found}; this version of npmsign reads ${LOCK_VERSION}.`,
    );
  }
  const { lines, duplicate } = scanKeys(text, ['packages']);
  if (duplicate !== undefined) {
    const { key, firstLine, line } = duplicate;
    throw malformed(file, `the key ${quoted(key)} twice in one object, on lines ${firstLine} and ${line}`);
  }
  let at = file;
  try {
    assertOnly(lock, ['lockVersion', 'issuer', 'packages']);
    const issuer = optionalText(lock, 'issuer');
    const entries = new Map<string, LockEntry>();
    for (const [key, fields] of Object.entries(fieldsOf(lock['packages'], 'packages'))) {
      at = `${file}:${lines.get(key) ?? 1}`;
      const entry = entryOf(key, fields, issuer);
      entries.set(entryKey(entry.name, entry.line), entry);
    }
    return entries;
  } catch (cause) {
    throw malformed(at, cause instanceof Error ? cause.message : 'an unreadable entry', cause);
  }
}

function parseText(text: string, file: string): Fields {
  if (holdsTooMany(text)) throw malformed(file, `more than ${MOST_VALUES} values`);
  try {
    const lock: unknown = JSON.parse(text.replace(/^\u{feff}/u, ''));
    return fieldsOf(lock, 'content');
  } catch (cause) {
    throw new LockError('LOCK_MALFORMED', `${file} is not a JSON object.`, { hint: REWRITE, cause });
  }
}

function entryOf(key: string, value: unknown, issuer: string | undefined): LockEntry {
  const { name, range: line = '' } = splitSpec(key);
  if (!isPackageName(name)) throw new Error(`a package ${quoted(name)}, which is no package name`);
  if (!isLine(line) && !isVersion(line))
    throw new Error(`${quoted(key)}, where no release line follows the name`);
  const fields = fieldsOf(value, 'an entry');
  assertOnly(fields, ENTRY_FIELDS);
  const signer = signerOf(fields, issuer);
  const { installScript = false, bins = [], source, accepted } = fields;
  if (typeof installScript !== 'boolean') throw new Error('an installScript that is neither true nor false');
  if (!Array.isArray(bins)) throw new Error('bins that are not a list');
  return {
    name,
    line,
    proof: proofOf(fields['proof'], signer),
    ...(signer === undefined ? {} : { signer }),
    installScript,
    bins: bins.map((bin) => textOf(bin, 'bins')),
    ...(source === undefined ? {} : { source: oneOf(SOURCES, source, 'source') }),
    ...(accepted === undefined ? {} : { accepted: acceptanceOf(fieldsOf(accepted, 'accepted')) }),
  };
}

/** Only a certificate names a signer, and provenance always comes with one. */
function proofOf(stated: unknown, signer: LockedSigner | undefined): ProofLevel {
  if (signer === undefined) {
    const proof = oneOf(PROOF_LEVELS, stated, 'proof');
    if (proof === 'provenance') throw new Error('provenance without a signer');
    return proof;
  }
  if (stated !== undefined && stated !== 'provenance') throw new Error('a signer without provenance');
  return 'provenance';
}

function signerOf(fields: Fields, fallback: string | undefined): LockedSigner | undefined {
  if (SIGNER_FIELDS.every((field) => fields[field] === undefined)) return undefined;
  const issuer = optionalText(fields, 'issuer') ?? fallback;
  if (issuer === undefined) throw new Error('a signer without an issuer');
  const signer: { -readonly [Field in keyof LockedSigner]: LockedSigner[Field] } = { issuer };
  for (const field of SIGNER_FIELDS) {
    const text = optionalText(fields, field);
    if (text === undefined) continue;
    if (field === 'refClass') signer.refClass = oneOf(REF_CLASSES, text, field);
    else signer[field] = text;
  }
  return signer;
}

function acceptanceOf(accepted: Fields): Acceptance {
  assertOnly(accepted, ['on', 'reason']);
  const on = textOf(accepted['on'], 'a date of acceptance');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(on)) throw new Error('a date of acceptance that is no date');
  return { on, reason: textOf(accepted['reason'], 'a reason') };
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${what} that is not an object`);
  // The checks above leave a plain JSON object.
  return value as Fields;
}

function oneOf<One extends string>(known: readonly One[], value: unknown, what: string): One {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error(`a ${what} that is not one of ${known.join(', ')}`);
  return found;
}

function optionalText(fields: Fields, field: string): string | undefined {
  const value = fields[field];
  return value === undefined ? undefined : textOf(value, field);
}

function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${what} that is not a text`);
  if (!PLAIN.test(value) && visible(value) !== value)
    throw new Error(`control or invisible characters in ${what}`);
  return value;
}

function assertOnly(fields: Fields, known: readonly string[]): void {
  const stranger = Object.keys(fields).find((field) => !known.includes(field));
  if (stranger !== undefined) throw new Error(`an unknown field ${quoted(stranger)}`);
}

function quoted(text: string): string {
  return tame(JSON.stringify(text), 100);
}

function malformed(place: string, problem: string, cause?: unknown): LockError {
  return new LockError('LOCK_MALFORMED', `${place}: the signer lock has ${problem}.`, {
    hint: REWRITE,
    cause,
  });
}

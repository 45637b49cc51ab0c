/**
 * Reads the text of `npmsign.lock.json`.
 *
 * The file is an object of `lockVersion` (1) and `packages`: name → release line → what was accepted last. Names, lines and fields are sorted
 * and every package stands on lines of its own, so two branches that lock different packages merge.
 */
import { LockError } from '../errors.ts';
import type { LockEntry, LockedSigner, ProofLevel, RefClass } from '../model/lock.ts';
import { scanKeys } from '../text/lines.ts';
import { isPackageName } from '../text/package-id.ts';
import { tame, visible } from '../text/sanitize.ts';
import { entryKey, isLine } from './line.ts';

/** The version of the format that is read and written. */
export const LOCK_VERSION = 1;

type Fields = Readonly<Record<string, unknown>>;

const PROOFS: readonly ProofLevel[] = ['none', 'signature', 'publish', 'provenance'];
const REF_CLASSES: readonly RefClass[] = ['tag', 'branch', 'other'];
const SIGNER_TEXTS = ['repository', 'repositoryId', 'ownerId', 'workflow', 'builder', 'trigger'] as const;
const REWRITE =
  'Restore the file from version control, or run npmsign lock to write it anew and review the difference.';

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
    assertOnly(lock, ['lockVersion', 'packages']);
    const entries = new Map<string, LockEntry>();
    for (const [name, releaseLines] of Object.entries(fieldsOf(lock['packages'], 'packages'))) {
      at = `${file}:${lines.get(name) ?? 1}`;
      for (const entry of entriesOf(name, releaseLines)) entries.set(entryKey(entry.name, entry.line), entry);
    }
    return entries;
  } catch (cause) {
    throw malformed(at, cause instanceof Error ? cause.message : 'an unreadable entry', cause);
  }
}

function parseText(text: string, file: string): Fields {
  try {
    const lock: unknown = JSON.parse(text.replace(/^\u{feff}/u, ''));
    return fieldsOf(lock, 'content');
  } catch (cause) {
    throw new LockError('LOCK_MALFORMED', `${file} is not a JSON object.`, { hint: REWRITE, cause });
  }
}

function entriesOf(name: string, releaseLines: unknown): readonly LockEntry[] {
  if (!isPackageName(name)) throw new Error(`a package ${quoted(name)}, which is no package name`);
  return Object.entries(fieldsOf(releaseLines, quoted(name))).map(([line, entry]) => {
    if (!isLine(line)) throw new Error(`a release line ${quoted(line)}, which is no major version`);
    return entryOf(name, line, fieldsOf(entry, `${quoted(name)} line ${line}`));
  });
}

function entryOf(name: string, line: string, entry: Fields): LockEntry {
  assertOnly(entry, ['bins', 'installScript', 'proof', 'signer']);
  const { proof, signer, installScript, bins } = entry;
  const level = PROOFS.find((one) => one === proof);
  if (level === undefined) throw new Error(`a proof that is not one of ${PROOFS.join(', ')}`);
  // Only a certificate names a signer, and provenance always comes with one.
  if ((level === 'provenance') !== (signer !== undefined))
    throw new Error('a signer without provenance, or provenance without a signer');
  if (typeof installScript !== 'boolean') throw new Error('an installScript that is neither true nor false');
  if (!Array.isArray(bins)) throw new Error('bins that are not a list');
  const facts = { name, line, proof: level, installScript, bins: bins.map((bin) => textOf(bin, 'bins')) };
  return signer === undefined ? facts : { ...facts, signer: signerOf(fieldsOf(signer, 'signer')) };
}

function signerOf(signer: Fields): LockedSigner {
  assertOnly(signer, ['issuer', 'refClass', ...SIGNER_TEXTS]);
  const refClass = REF_CLASSES.find((one) => one === signer['refClass']);
  if (refClass === undefined && signer['refClass'] !== undefined) {
    throw new Error(`a refClass that is not one of ${REF_CLASSES.join(', ')}`);
  }
  const texts: { [field in (typeof SIGNER_TEXTS)[number]]?: string } = {};
  for (const field of SIGNER_TEXTS)
    if (signer[field] !== undefined) texts[field] = textOf(signer[field], field);
  return {
    issuer: textOf(signer['issuer'], 'issuer'),
    ...texts,
    ...(refClass === undefined ? {} : { refClass }),
  };
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${what} that is not an object`);
  // The checks above leave a plain JSON object.
  return value as Fields;
}

function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${what} that is not a text`);
  if (visible(value) !== value) throw new Error(`control or invisible characters in ${what}`);
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

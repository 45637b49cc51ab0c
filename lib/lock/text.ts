/** Writes a signer lock as text: sorted, stable, small, each package on lines of its own. */
import type { LockEntry, LockedSigner } from '../model/lock.ts';
import { compareTexts, compareVersions } from '../text/semver.ts';
import { LOCK_VERSION, SIGNER_FIELDS, USUAL_ISSUER } from './format.ts';

/**
 * The text of `npmsign.lock.json`, ending in a newline. Entries are sorted by name, then by line. Indented with tabs: a deep tree stays small,
 * and every reader chooses how wide they are.
 */
export function lockText(entries: Iterable<LockEntry>): string {
  const packages = [...entries].sort(byNameAndLine).map(entryText);
  const body = packages.length === 0 ? '{}' : `{\n${packages.join(',\n')}\n\t}`;
  return [
    '{',
    `\t"lockVersion": ${LOCK_VERSION},`,
    `\t"issuer": ${JSON.stringify(USUAL_ISSUER)},`,
    `\t"packages": ${body}`,
    '}',
    '',
  ].join('\n');
}

/** The order of the file. */
export function byNameAndLine(a: LockEntry, b: LockEntry): number {
  return compareTexts(a.name, b.name) || compareVersions(wholeVersion(a.line), wholeVersion(b.line));
}

/** A line comes before the single versions of it that have entries of their own. */
function wholeVersion(line: string): string {
  const dots = line.split('.').length - 1;
  if (dots >= 2) return line;
  return dots === 0 ? `${line}.0.0-0` : `${line}.0-0`;
}

function entryText(entry: LockEntry): string {
  // The keys are names of this format; a stranger's text is only ever a value.
  const text = JSON.stringify(fieldsOf(entry), undefined, '\t').replaceAll('\n', '\n\t\t');
  return `\t\t${JSON.stringify(`${entry.name}@${entry.line}`)}: ${text}`;
}

function fieldsOf({ proof, signer, installScript, bins, source, accepted }: LockEntry): object {
  return {
    ...(signer === undefined ? { proof } : {}),
    ...(source === undefined ? {} : { source }),
    ...(signer === undefined ? {} : signerFields(signer)),
    ...(installScript ? { installScript } : {}),
    ...(bins.length === 0 ? {} : { bins }),
    ...(accepted === undefined ? {} : { accepted: { on: accepted.on, reason: accepted.reason } }),
  };
}

/** In the order of the format. The usual issuer is named at the top of the file, unless it is all there is to say. */
function signerFields(signer: LockedSigner): object {
  const fields = SIGNER_FIELDS.filter((field) => signer[field] !== undefined);
  const told = fields.filter((field) => field !== 'issuer' || signer.issuer !== USUAL_ISSUER);
  return Object.fromEntries((told.length === 0 ? fields : told).map((field) => [field, signer[field]]));
}

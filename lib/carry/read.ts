/** Opens a folder of evidence. Whoever carried it could change everything in it: what is read here proves nothing by itself. */
import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RegistryError, UsageError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Notice } from '../model/report.ts';
import type { CarriedAnswer, CarriedAnswers } from '../registry/index.ts';
import { codeOf, readSmallFile, type SmallFile } from '../state/index.ts';
import { tame } from '../text/sanitize.ts';
import {
  ANSWERS_FOLDER,
  digestOf,
  type Entry,
  fileNameOf,
  INDEX_FILE,
  type Index,
  keyOf,
  parseIndex,
  TRUST_FILE,
} from './format.ts';

/** What came along: answers, and the trust root's signed metadata where there is some. */
export type CarriedEvidence = { readonly answers: CarriedAnswers; readonly trust?: string };

const LARGEST_INDEX = 64 * 1024 * 1024;
const LARGEST_TRUST = 16 * 1024 * 1024;
const DAY = 24 * 60 * 60 * 1000;

/** Opens it. Throws `UsageError` where there is no such folder, and `RegistryError` where its index cannot be used. */
export function openEvidence({ cwd, now }: Pick<Host, 'cwd' | 'now'>, directory: string): CarriedEvidence {
  const folder = resolve(cwd, directory);
  const file = readOwn(join(folder, INDEX_FILE), LARGEST_INDEX);
  if (file.status === 'unavailable') {
    throw new UsageError('BAD_FLAG_VALUE', `--evidence ${tame(directory)}: ${file.reason}.`, {
      hint: 'npmsign bundle -o <dir> writes such a folder, where registries can be reached.',
    });
  }
  const index = parseIndex(file.value.toString('utf8'));
  if (typeof index === 'string') throw unusable(directory, index);
  const entries = new Map(index.answers.map((entry) => [keyOf(entry), entry]));
  if (entries.size < index.answers.length) throw unusable(directory, 'lists an answer twice');
  const trust = trustIn(folder, index);
  const answers = join(folder, ANSWERS_FOLDER);
  const isFolder = isOwnFolder(answers);
  return {
    answers: {
      find(key, limit) {
        const entry = entries.get(keyOf(key));
        if (entry === undefined) return { kind: 'nothing' };
        if (entry.sha256 === undefined) return { kind: 'missing' };
        const file = tame(`${ANSWERS_FOLDER}/${fileNameOf(key)}`, 200);
        if (!isFolder) return broken(`${file} is not in a folder of its own`);
        return answerIn(join(answers, fileNameOf(key)), { entry, limit, file });
      },
      notices: [...trust.notices, carriedNotice(index, { directory, now, digest: digestOf(file.value) })],
    },
    ...(trust.text === undefined ? {} : { trust: trust.text }),
  };
}

/** A regular file: a link could make a report tell what stands in files of this machine. */
function readOwn(path: string, limit: number): SmallFile {
  const state = lstatSync(path, { throwIfNoEntry: false });
  if (state?.isSymbolicLink() === true) {
    return { status: 'unavailable', reason: `${tame(path)} is a symbolic link` };
  }
  return readSmallFile(path, limit);
}

function isOwnFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch (error) {
    // Without answers there is no folder of them: then each is missed by name.
    return codeOf(error) === 'ENOENT';
  }
}

type Expected = { readonly entry: Entry; readonly limit: number; readonly file: string };

function answerIn(path: string, { entry, limit, file }: Expected): CarriedAnswer {
  const read = readOwn(path, limit);
  if (read.status === 'unavailable') return broken(`${file} cannot be used: ${read.reason}`);
  if (digestOf(read.value) !== entry.sha256) return broken(`${file} is not the file its index lists`);
  return { kind: 'found', bytes: read.value };
}

function broken(reason: string): CarriedAnswer {
  return { kind: 'unavailable', reason: `In the evidence folder, ${reason}.` };
}

function trustIn(
  folder: string,
  { trust }: Index,
): { readonly text?: string; readonly notices: readonly Notice[] } {
  if (trust === undefined) return { notices: [] };
  const file = readOwn(join(folder, TRUST_FILE), LARGEST_TRUST);
  if (file.status === 'told' && digestOf(file.value) === trust) {
    return { text: file.value.toString('utf8'), notices: [] };
  }
  const why = file.status === 'told' ? 'is not the file its index lists' : 'cannot be read';
  const message = `${TRUST_FILE} in the evidence folder ${why}; the trust root of this machine is used.`;
  return { notices: [{ code: 'TRUST_CARRIED_REFUSED', message }] };
}

type Carriage = { readonly directory: string; readonly now: Date; readonly digest: string };

function carriedNotice({ takenAt, answers }: Index, { directory, now, digest }: Carriage): Notice {
  const oldest = answers.reduce((first, entry) => (entry.takenAt < first ? entry.takenAt : first), takenAt);
  const hosts = [...new Set(answers.map(({ url }) => new URL(url).host))].sort();
  const shown = [...hosts.slice(0, 3), ...(hosts.length > 3 ? [`${hosts.length - 3} more`] : [])].join(', ');
  const message =
    `No registry was asked: answers of ${shown || 'nobody'} came from the folder ${directory}, ` +
    `which says it was written at ${takenAt} (${ageOf(takenAt, now)}), its oldest answer taken ${ageOf(oldest, now)}; ` +
    `its ${INDEX_FILE} is sha256:${digest}. Proofs were verified again; what registries only tell (publish times, install scripts, ` +
    'earlier versions, that there is no signature or attestation) is as true as whoever carried the folder.';
  return { code: 'EVIDENCE_CARRIED', message: tame(message, 2000) };
}

function ageOf(moment: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(moment)) / DAY);
  if (days < 0) return "later than this machine's clock";
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

function unusable(directory: string, why: string): RegistryError {
  return new RegistryError('REGISTRY_MALFORMED', `--evidence ${tame(directory)}: its ${INDEX_FILE} ${why}.`, {
    hint: 'Write the folder again with npmsign bundle, and carry it whole.',
  });
}

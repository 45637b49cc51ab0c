/** Words each question as a URL, a parser, and how long its answer holds. */
import type { History } from '../model/evidence.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import { tame } from '../text/sanitize.ts';
import { DAY, type Question } from './ask.ts';
import { hasAttestations, parseAttestationList } from './attestations.ts';
import { parseKeyList } from './keys.ts';
import { historyIn, modifiedIn, parseHistory, parseModified } from './packument.ts';
import type { RegistrySource } from './source.ts';
import { pathOf, SETTLED } from './versions.ts';

/** `undefined` when a registry can be asked about this package; otherwise the answer. */
export function askable({ id, source }: ResolvedPackage): Promise<Told<never>> | undefined {
  if (source.kind !== 'registry') {
    return Promise.resolve({ status: 'notApplicable', reason: `a ${source.kind} package is in no registry` });
  }
  // Semantic Versioning 2.0.0, section 9 and 10, bounds the characters; npm bounds the length.
  if (isAskable(id.name) && /^[0-9][0-9A-Za-z.+-]{0,255}$/.test(id.version)) return undefined;
  const reason = `no registry can hold a package of this name and version: ${tame(id.name, 100)}@${tame(id.version, 100)}`;
  return Promise.resolve({ status: 'absent', reason });
}

/** Wider than today's rules, for old packages; but never a path that leads elsewhere. */
function isAskable(name: string): boolean {
  return name.length <= 300 && NAME.test(name);
}

const PART = String.raw`(?!-(?:/|$))[^./\\\s\p{C}][^/\\\p{C}]*`;
const NAME = new RegExp(`^(?:@${PART}/|(?!@))${PART}$`, 'u');

/** Who is asked, and when. */
export type About = { readonly source: RegistrySource; readonly now: Date };

/** The attestations of one version. */
export function attestationsQuestion({ id }: ResolvedPackage, source: RegistrySource): Question<unknown> {
  const spec = `${pathOf(id.name)}@${encodeURIComponent(id.version)}`;
  return {
    kind: 'attestations',
    url: `${source.evidenceUrl}-/npm/v1/attestations/${spec}`,
    parse: parseAttestationList,
    keepFor: (json) => (hasAttestations(json) ? SETTLED : 0),
  };
}

/** All versions of a name. */
export function historyQuestion({ id }: ResolvedPackage, { source, now }: About): Question<History> {
  return {
    kind: 'packument',
    url: `${source.url}${pathOf(id.name)}`,
    parse: (json) => parseHistory(json, { name: id.name, now }),
    kept: historyIn,
    keepFor: (history) => historyHolds(history, { version: id.version, now }),
  };
}

/**
 * A history that does not know this version is older than it. One that does can gain only later versions, which nothing about this one is
 * compared with; while it is young, its own line may still change.
 */
function historyHolds({ versions }: History, { version, now }: Own): number {
  const own = versions.find((entry) => entry.version === version);
  if (own === undefined) return 0;
  const age = now.getTime() - Date.parse(own.publishedAt ?? '');
  return age > YOUNG ? SETTLED : DAY;
}

type Own = { readonly version: string; readonly now: Date };

const YOUNG = 7 * DAY;

/** When anything about a name last changed. */
export function modifiedQuestion({ id }: ResolvedPackage, { source, now }: About): Question<string> {
  return {
    kind: 'modified',
    url: `${source.url}${pathOf(id.name)}`,
    parse: (json) => parseModified(json, { ...id, now }),
    kept: modifiedIn,
    keepFor: () => DAY,
  };
}

/** The keys a registry says it signs with. */
export function keysQuestion(registry: string): Question<unknown> {
  return { kind: 'keys', url: `${registry}-/npm/v1/keys`, parse: parseKeyList, keepFor: () => DAY };
}

/** Asks about one version: its manifest, with the evidence a mirror strips put back. */
import type { Manifest } from '../model/evidence.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import { parseIntegrity, sameIntegrity } from '../text/integrity.ts';
import { type Ask, DAY, type Question } from './ask.ts';
import { essenceOf, parseManifest } from './manifest.ts';
import { parseHistory, versionIn } from './packument.ts';
import type { RegistrySource } from './source.ts';

/** Who is asked about which package. */
export type VersionQuestion = { readonly pkg: ResolvedPackage; readonly source: RegistrySource };

/** What asking about versions rests on. */
export type VersionSettings = {
  readonly ask: Ask;
  readonly publicRegistry: string;
  /** The registry npm's configuration names: lockfiles are often written against another. */
  readonly configured: string;
  readonly now: Date;
};

/** How long an answer is believed that cannot change any more. Bounded, so that a bad answer heals. */
export const SETTLED = 30 * DAY;

/** The manifest of one version. With `evidence: npm`, signatures and attestations are the public registry's word. */
export async function fetchManifest(
  settings: VersionSettings,
  { pkg, source }: VersionQuestion,
): Promise<Told<Manifest>> {
  if (source.evidenceUrl === source.url) return fetchFrom(settings, { pkg, source });
  const [own, evidence] = await Promise.all([
    fetchFrom(settings, { pkg, source }),
    fetchFrom(settings, { pkg, source: { ...source, url: source.evidenceUrl } }),
  ]);
  return own.status === 'told' ? withEvidence(own.value, evidence) : own;
}

function withEvidence(own: Manifest, evidence: Told<Manifest>): Told<Manifest> {
  switch (evidence.status) {
    case 'told': {
      const { signatures, announcesAttestations, announcesProvenance, publishedAt } = evidence.value;
      const stamp = own.publishedAt ?? publishedAt;
      const value = { ...own, signatures, announcesAttestations, announcesProvenance };
      return { status: 'told', value: stamp === undefined ? value : { ...value, publishedAt: stamp } };
    }
    case 'absent':
      return {
        status: 'told',
        value: { ...own, signatures: [], announcesAttestations: false, announcesProvenance: false },
      };
    case 'unavailable':
    case 'notApplicable':
      return evidence;
  }
}

async function fetchFrom(settings: VersionSettings, question: VersionQuestion): Promise<Told<Manifest>> {
  const told = await settings.ask(manifestQuestion(settings, question));
  // Not every registry serves single versions. All serve packuments, and the public one serves both.
  if (told.status !== 'absent' || question.source.url === settings.publicRegistry) return told;
  const listed = await settings.ask(listedQuestion(settings, question));
  return listed.status === 'told' ? listed.value : listed;
}

function manifestQuestion(settings: VersionSettings, question: VersionQuestion): Question<Manifest> {
  const { name, version } = question.pkg.id;
  return {
    kind: 'manifest',
    url: `${question.source.url}${pathOf(name)}/${encodeURIComponent(version)}`,
    parse: (json) => parseManifest(json, manifestOf(settings, question)),
    kept: essenceOf,
    keepFor: (manifest) => (isSettled(manifest, question.pkg) ? SETTLED : 0),
  };
}

/** The same out of the whole packument. The version may be missing there, and nothing said about it then. */
function listedQuestion(settings: VersionSettings, question: VersionQuestion): Question<Told<Manifest>> {
  const { name, version } = question.pkg.id;
  return {
    kind: 'listed',
    url: `${question.source.url}${pathOf(name)}`,
    parse(json) {
      const history = parseHistory(json, { name, now: settings.now });
      if (history.kind === 'malformed') return history;
      const listed = versionIn(json, version);
      if (listed === undefined) {
        return {
          kind: 'value',
          value: { status: 'absent', reason: 'the registry does not list this version' },
        };
      }
      const parsed = parseManifest(listed, manifestOf(settings, question));
      return parsed.kind === 'malformed'
        ? parsed
        : { kind: 'value', value: { status: 'told', value: parsed.value } };
    },
    keepFor: (told) => (told.status === 'told' && isSettled(told.value, question.pkg) ? SETTLED : 0),
  };
}

function manifestOf(
  { publicRegistry, configured, now }: VersionSettings,
  { pkg, source }: VersionQuestion,
): Parameters<typeof parseManifest>[1] {
  const { url, isNpm } = source;
  const bases = isNpm ? [url, configured, publicRegistry] : [url];
  return { id: pkg.id, registry: url, bases, isNpm, now };
}

/** Signed, and of the very bytes the lockfile pins: nothing in it that matters can change. */
function isSettled(manifest: Manifest, pkg: ResolvedPackage): boolean {
  const { integrity, signatures } = manifest;
  if (integrity === undefined || pkg.integrity === undefined || signatures.length === 0) return false;
  const stated = integrity === pkg.integrity.text ? pkg.integrity : parseIntegrity(integrity);
  return stated !== undefined && sameIntegrity(stated, pkg.integrity);
}

/** A package's path below a registry. The slash of a scope is escaped, as npm does. */
export function pathOf(name: string): string {
  return encodeURIComponent(name).replace(/^%40/, '@');
}

/** Tells what is known about one package: what was proved, and what the registry merely says. */
import type {
  Evidence,
  Identity,
  Manifest,
  Provenance,
  RegistrySignature,
  ToldTime,
} from '../model/evidence.ts';
import type { Proof, Told } from '../model/proof.ts';
import { pad, wrap } from './layout.ts';
import type { Paint, Tone } from './style.ts';
import { isOutsideTrigger } from './worth-knowing.ts';

/** How wide to write, and with what colours. */
export type Pen = { readonly width: number; readonly paint: Paint };

const TIME_FROM: Readonly<Record<RegistrySignature['timeFrom'], string>> = {
  log: 'valid at the logged publish time',
  told: 'valid at the publish time the registry tells',
  unknown: 'a key that does not expire',
};

const TOLD_FROM: Readonly<Record<ToldTime['from'], string>> = {
  manifest: 'by the manifest',
  modified: 'at the latest',
  packument: 'by the packument',
};

const TONES: Readonly<Record<Proof<unknown>['status'], Tone>> = {
  proved: 'pass',
  refuted: 'fail',
  absent: 'warn',
  unavailable: 'unverified',
  notApplicable: 'skip',
};

/** Signature, publish attestation and provenance, each with its status in a word. */
export function provedLines({ signature, publish, provenance }: Evidence, pen: Pen): readonly string[] {
  return [
    ...proofLines(
      pen,
      'signature',
      signature,
      ({ keyid, timeFrom }) => `by key ${keyid}, ${TIME_FROM[timeFrom]}`,
    ),
    ...proofLines(pen, 'publish', publish, ({ keyid, ...log }) => `${loggedOf(log)}, by key ${keyid}`),
    ...proofLines(pen, 'provenance', provenance, provenanceOf),
    ...(provenance.status === 'proved' ? identityLines(provenance.value.identity, pen) : []),
  ];
}

/** The registry's own words: publish time, repository, install scripts, commands, deprecation. */
export function toldLines(manifest: Told<Manifest>, { width }: Pen): readonly string[] {
  const line = (label: string, text: string) =>
    wrap(text, { width, first: `  ${pad(label, 12)}`, rest: ' '.repeat(14) });
  if (manifest.status !== 'told') return line('told', unknownOf(manifest));
  const { publishedAt, repository, installScripts, bins, deprecated } = manifest.value;
  const published =
    publishedAt === undefined ? 'unknown' : `${publishedAt.at} ${TOLD_FROM[publishedAt.from]}`;
  const scripts = `scripts ${listOf(installScripts)} · commands ${listOf(bins)}`;
  return [
    ...line('told only', `published ${published} · ${scripts}`),
    ...line('', `repository ${repository ?? 'not named'}`),
    ...(deprecated === undefined ? [] : line('', `deprecated: ${deprecated}`)),
  ];
}

function proofLines<T>(
  pen: Pen,
  label: string,
  proof: Proof<T>,
  tell: (value: T) => string,
): readonly string[] {
  const word = proof.status === 'notApplicable' ? 'n/a' : proof.status;
  const told = proof.status === 'proved' ? tell(proof.value) : (proof.reason ?? 'the registry holds none');
  const name = `  ${pad(label, 12)}`;
  const status = pad(word, 12);
  const [first = '', ...more] = wrap(told, { width: pen.width, first: name + status, rest: ' '.repeat(16) });
  return [
    name + pen.paint.tone(TONES[proof.status], status) + first.slice(name.length + status.length),
    ...more,
  ];
}

function provenanceOf({ predicateType, builder, ...log }: Provenance): string {
  // The predicate's builder is the build's own story, told and not proved.
  return `${loggedOf(log)}, ${predicateType}${builder === undefined ? '' : ` by ${builder}`}`;
}

/** Who built it, as the certificate says. A line is left out when the certificate does not say. */
function identityLines(identity: Identity, { width, paint }: Pen): readonly string[] {
  const { repository, repositoryId, ownerId, ref, commit, workflow, trigger, runner, run } = identity;
  const line = (label: string, text: string | undefined) =>
    text === undefined ? [] : wrap(text, { width, first: `    ${pad(label, 12)}`, rest: ' '.repeat(16) });
  const started = trigger ?? (runner === undefined ? undefined : 'not in the certificate');
  const risky = trigger !== undefined && isOutsideTrigger(trigger);
  return [
    ...line('repository', joined([repository, idsOf(repositoryId, ownerId)], ' ')),
    ...line('ref', joined([ref, commit === undefined ? undefined : `commit ${commit}`], ', ')),
    ...line('workflow', workflow),
    ...line(
      'trigger',
      joined([started && `${risky ? '! ' : ''}${started}`, runner && `runner ${runner}`], ' · '),
    ).map((text) => (risky ? paint.tone('warn', text) : text)),
    ...line('run', run),
    ...line('signer', identity.subject),
    ...line('builder', identity.builder === identity.subject ? undefined : identity.builder),
    ...line('issuer', identity.issuer),
  ];
}

function idsOf(repositoryId: string | undefined, ownerId: string | undefined): string | undefined {
  const ids = joined([repositoryId && `id ${repositoryId}`, ownerId && `owner id ${ownerId}`], ', ');
  return ids === undefined ? undefined : `(${ids})`;
}

function loggedOf(log: { readonly loggedAt?: string; readonly logIndex?: string }): string {
  if (log.loggedAt === undefined) return 'no signed time';
  return log.logIndex === undefined
    ? `timestamped ${log.loggedAt}`
    : `logged ${log.loggedAt} at index ${log.logIndex}`;
}

function joined(parts: readonly (string | undefined)[], separator: string): string | undefined {
  const known = parts.filter((part) => part !== undefined && part !== '');
  return known.length === 0 ? undefined : known.join(separator);
}

function unknownOf(manifest: Exclude<Told<Manifest>, { readonly status: 'told' }>): string {
  return manifest.status === 'absent'
    ? `nothing: ${manifest.reason ?? 'the registry does not list this version'}`
    : `nothing: ${manifest.reason}`;
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

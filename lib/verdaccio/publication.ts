/** Reads the document with which a package is published: which bytes under which name, and the attestation beside them (pure). */
import { createHash } from 'node:crypto';
import { parseIntegrity, strongestHash } from '../text/integrity.ts';
import { isPackageName, specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import { isVersion } from '../text/semver.ts';
import { type Settings, settingsOf } from './options.ts';
import type { Release } from './records.ts';

/** What somebody wants to publish. */
export type Publication =
  | {
      readonly kind: 'publication';
      /** `integrity` is that of the bytes sent, whatever the document states. */
      readonly release: Release;
      /** The attestation that came with it, not verified; absent: none came. */
      readonly attestation?: { readonly bundle: unknown };
      /** The document without the attestation, which Verdaccio would not know what to do with. */
      readonly document: unknown;
    }
  /** A change of something else: tags, deprecations, users. */
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Parses the body of `PUT /<name>` (npm's libnpmpublish writes it). Total: never throws. */
export function parsePublication(json: unknown, name: string): Publication {
  const document = settingsOf(json);
  const attachments = settingsOf(document?.get('_attachments'));
  if (document === undefined || attachments === undefined || attachments.size === 0) return { kind: 'other' };
  const versions = settingsOf(document.get('versions'));
  const [[version, manifest] = [], second] = [...(versions ?? [])];
  if (version === undefined || second !== undefined) return malformed('it does not hold exactly one version');
  const id = { name, version };
  if (document.get('name') !== name || !isPackageName(name) || !isVersion(version) || !names(manifest, id)) {
    return malformed(`it is not about one version of ${tame(name, 100)}`);
  }
  const { bundles, tarballs } = sorted(attachments);
  const [tarball, other] = tarballs;
  if (tarball === undefined || other !== undefined || bundles.length > 1) {
    return malformed('it does not hold one tarball and at most one attestation');
  }
  const integrity = integrityOf(tarball[1]);
  if (integrity === undefined) return malformed('its tarball has no data');
  const stated = sha512In(settingsOf(manifest)?.get('dist'));
  if (stated !== undefined && stated !== integrity) {
    return malformed(`the tarball of ${specOf(id)} is not the one its dist.integrity states`);
  }
  return withAttestation(document, { release: { id, integrity }, tarball, bundle: bundles[0] });
}

/** The one sha512 a manifest's `dist` states, as `dist.integrity` spells it alone; `undefined` where there is none. */
export function sha512In(dist: unknown): string | undefined {
  const text = settingsOf(dist)?.get('integrity');
  const integrity = typeof text === 'string' ? parseIntegrity(text) : undefined;
  const hash = integrity === undefined ? undefined : strongestHash(integrity);
  return hash?.algorithm === 'sha512' ? `sha512-${hash.digest}` : undefined;
}

/** What a registry signs (npm's documentation, "ECDSA registry signatures"). */
export function messageFor({ id, integrity }: Release): string {
  return `${specOf(id)}:${integrity}`;
}

type Attachment = readonly [file: string, value: unknown];

type Parts = {
  readonly release: Release;
  readonly tarball: Attachment;
  readonly bundle: Attachment | undefined;
};

function withAttestation(document: Settings, { release, tarball, bundle }: Parts): Publication {
  const rest = Object.fromEntries([...document, ['_attachments', Object.fromEntries([tarball])]]);
  if (bundle === undefined) return { kind: 'publication', release, document: rest };
  const parsed = bundleOf(settingsOf(bundle[1])?.get('data'));
  if (parsed === undefined) return malformed('its attestation is not JSON');
  return { kind: 'publication', release, document: rest, attestation: parsed };
}

function names(manifest: unknown, id: Release['id']): boolean {
  const members = settingsOf(manifest);
  return members?.get('name') === id.name && members.get('version') === id.version;
}

/** npm names the attestation by its media type and by its file: either will do, so that none slips through as a tarball. */
function sorted(attachments: Settings): {
  readonly bundles: readonly Attachment[];
  readonly tarballs: readonly Attachment[];
} {
  const isBundle = ([file, value]: Attachment): boolean => {
    const type = settingsOf(value)?.get('content_type');
    const isTyped = typeof type === 'string' && type.startsWith('application/vnd.dev.sigstore.bundle');
    return isTyped || /\.sigstore(?:\.json)?$/.test(file);
  };
  const all = [...attachments];
  return { bundles: all.filter(isBundle), tarballs: all.filter((attachment) => !isBundle(attachment)) };
}

/** Decoded as Verdaccio decodes it, so that these are the bytes it will serve. */
function integrityOf(attachment: unknown): string | undefined {
  const data = settingsOf(attachment)?.get('data');
  if (typeof data !== 'string' || data === '') return undefined;
  return `sha512-${createHash('sha512').update(Buffer.from(data, 'base64')).digest('base64')}`;
}

/** npm sends the bundle's text as it is, not in base64. */
function bundleOf(data: unknown): { readonly bundle: unknown } | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    return { bundle: JSON.parse(data) };
  } catch {
    return undefined; // Not JSON: no bundle.
  }
}

function malformed(reason: string): Publication {
  return { kind: 'malformed', reason };
}

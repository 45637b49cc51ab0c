/** A real Verdaccio that signs, publishers of its packages, and the minted Sigstore it believes. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageId } from '../../lib/model/package.ts';
import { packTarball } from '../support/registry/index.ts';
import { type AttestationsRequest, createSigstore, type Sigstore } from '../support/sigstore/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import { startVerdaccio, type Verdaccio, type VerdaccioRequest } from '../support/verdaccio.ts';

/** A registry, and one who may publish there. */
export type World = {
  readonly verdaccio: Verdaccio;
  readonly sigstore: Sigstore;
  /** Line of an `.npmrc` and token of a user with an account. */
  readonly alice: { readonly npmrc: string; readonly token: string };
  /** What a GET answers, and its JSON. */
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  /** What a PUT of Alice's answers, of a package or of a bundle; without her when `token` is empty. */
  readonly put: (path: string, body: unknown, token?: string) => Promise<Answer>;
};

/** An answer whose body is JSON. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly json: ReturnType<typeof JSON.parse>;
};

/** Starts it with a trust root of its own. `npmsign` adds to that section of the configuration. */
export async function aSigningRegistry(request: VerdaccioRequest = {}): Promise<World> {
  const sigstore = createSigstore();
  const home = request.home ?? aTempDirectory('verdaccio');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'trusted_root.json'), JSON.stringify(sigstore.trustedRoot()));
  const npmsign = { trust: './trusted_root.json', ...request.npmsign };
  const verdaccio = await startVerdaccio({ ...request, home, npmsign });
  const alice = await verdaccio.login('alice').catch((error: unknown) => closed(verdaccio.stop, error));
  return {
    verdaccio,
    sigstore,
    alice,
    get: (path, headers = {}) => answerOf(fetch(`${verdaccio.url}${path}`, { headers })),
    put(path, body, token = alice.token) {
      const isBundle = path.startsWith('-/');
      const headers = {
        'content-type': isBundle ? 'application/vnd.dev.sigstore.bundle.v0.3+json' : 'application/json',
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      };
      return answerOf(
        fetch(`${verdaccio.url}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) }),
      );
    },
  };
}

/** Closes what was opened before something failed, and throws that. */
export async function closed(close: () => Promise<void>, error: unknown): Promise<never> {
  await close();
  throw error;
}

async function answerOf(answer: Promise<Response>): Promise<Answer> {
  const { status, headers, ...rest } = await answer.then(async (each) => ({
    status: each.status,
    headers: each.headers,
    text: await each.text(),
  }));
  return { status, headers, json: rest.text === '' ? undefined : JSON.parse(rest.text) };
}

/** A package on disk, and the tarball of it. */
export type Packed = PackageId & { readonly dir: string; readonly bytes: Buffer; readonly integrity: string };

/** A package of its own. `files` are added to it. */
export function aPackageOnDisk(id: PackageId, files: Readonly<Record<string, string>> = {}): Packed {
  const dir = aTempDirectory('package');
  const all = { 'package.json': JSON.stringify(id), 'index.js': 'export {};\n', ...files };
  for (const [file, text] of Object.entries(all)) writeFileSync(join(dir, file), text);
  const bytes = packTarball(all);
  return { ...id, dir, bytes, integrity: integrityOf(bytes) };
}

/** SRI, sha512. */
export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

/** The provenance bundle of a package, by this Sigstore, at this very moment. */
export function provenanceOf(
  sigstore: Sigstore,
  { name, version, integrity }: Omit<Packed, 'dir' | 'bytes'>,
  request: Partial<AttestationsRequest> = {},
): ReturnType<Sigstore['mintBundle']> {
  const { attestations } = sigstore.mintAttestations({
    name,
    version,
    integrity,
    at: new Date(),
    registry: 'https://npm.acme.example/',
    publishKey: 'none',
    ...request,
  });
  const [attestation] = attestations;
  if (attestation === undefined) throw new Error('nothing minted');
  return attestation.bundle;
}

/** The document npm's libnpmpublish sends, with or without a bundle. */
export function publishDocument(packed: Packed, bundle?: unknown): PublishDocument {
  const { name, version, bytes, integrity } = packed;
  const file = `${name}-${version}.tgz`;
  const manifest = {
    name,
    version,
    _id: `${name}@${version}`,
    dist: {
      integrity,
      shasum: createHash('sha1').update(bytes).digest('hex'),
      tarball: `http://registry.example/${name}/-/${file}`,
    },
  };
  const text = JSON.stringify(bundle);
  const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  return {
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: { [version]: manifest },
    access: null,
    _attachments: {
      [file]: {
        content_type: 'application/octet-stream',
        data: bytes.toString('base64'),
        length: bytes.length,
      },
      ...(bundle === undefined
        ? {}
        : { [`${name}-${version}.sigstore`]: { content_type: type, data: text, length: text.length } }),
    },
  };
}

/** That document; tests change it. */
export type PublishDocument = {
  readonly _id: string;
  readonly name: string;
  readonly 'dist-tags': Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, { readonly dist: object; readonly [field: string]: unknown }>>;
  readonly access: null;
  readonly _attachments: Readonly<Record<string, object>>;
};

/** Minted bundles of every version, log, signer and content, which both verifiers accept. */
import { parseRegistryKeys } from '../../../lib/sigstore/index.ts';
import { anIdentity } from '../../support/builders.ts';
import { NOW } from '../../support/host.ts';
import { type BundleRequest, createSigstore, keysTargetJson } from '../../support/sigstore/index.ts';
import type { JsonValue } from './json-mutations.ts';
import { type Judged, judgingBy, rootsFrom } from './judged.ts';

const artifact = Buffer.from('the artifact');
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'pkg:npm/lib@1.0.0', digest: { sha512: 'ab'.repeat(64) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {},
};

/** One for each way a bundle can be made. */
export function mintedBundles(): readonly Judged[] {
  const sigstore = createSigstore('differential');
  const roots = rootsFrom(sigstore.trustedRoot());
  if (roots === undefined) throw new Error('The minted root is malformed.');
  const registryKeys = parseRegistryKeys(keysTargetJson(sigstore.registryKeys.all));
  const options = { registryKeys };
  const byStatement = judgingBy({ roots, options });
  const byArtifact = judgingBy({
    roots,
    options: { registryKeys, artifact: { kind: 'bytes', bytes: artifact } },
    artifact,
  });
  return variants(sigstore.registryKeys.current).map(({ what, request }) => ({
    name: `minted/${what}`,
    // Plain JSON, as it would be read.
    bundle: JSON.parse(JSON.stringify(sigstore.mintBundle(request))) as JsonValue,
    ...('artifact' in request ? byArtifact : byStatement),
  }));
}

type Variant = { readonly what: string; readonly request: BundleRequest };

function variants(
  registryKey: Extract<BundleRequest['signer'], { registryKey: unknown }>['registryKey'],
): readonly Variant[] {
  const signers = [
    ['workflow', { identity: anIdentity() }],
    ['person', { identity: { issuer: 'https://accounts.example', subject: 'me@acme.example' } }],
    ['registry', { registryKey }],
  ] as const;
  const shapes = [
    ['0.1', { version: '0.1', inclusionProof: 'absent', chain: 'full' }],
    ['0.2', { version: '0.2', chain: 'leaf' }],
    ['0.3', { version: '0.3' }],
    ['0.3 intoto', { version: '0.3', entry: 'intoto' }],
    ['0.3 stamped', { version: '0.3', timestamp: true }],
    ['0.3 rekor v2', { version: '0.3', rekor: 'v2' }],
  ] as const;
  return signers.flatMap(([signing, signer]) =>
    shapes.flatMap(([shape, form]) => [
      { what: `${shape} ${signing} statement`, request: { at: NOW, statement, signer, ...form } },
      { what: `${shape} ${signing} artifact`, request: { at: NOW, artifact, signer, ...form } },
    ]),
  );
}

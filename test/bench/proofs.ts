/** The real attestations and a real registry signature of the corpus, as proofs to be measured. */
import path from 'node:path';
import type { RegistryKey, TrustMaterial } from '../../lib/sigstore/index.ts';
import {
  type CorpusCase,
  casesOf,
  corpus,
  keysFile,
  packageOf,
  readJson,
  trustedRootFile,
} from '../sigstore/corpus-cases.ts';
import { judgingBy, rootsFrom } from '../sigstore/differential/judged.ts';
import type { ProvingRoom } from './bare.ts';

/** One proof that holds; both ways throw should it ever not. */
export type MeasuredProof = {
  readonly name: string;
  /** How many times its bare cryptography it may cost. */
  readonly limit: number;
  readonly prove: () => Promise<void>;
  /** The same by sigstore-js, which does not judge registry signatures. */
  readonly reference?: () => Promise<void>;
};

type Trusted = {
  readonly room: ProvingRoom;
  readonly trust: TrustMaterial;
  readonly keys: readonly RegistryKey[];
};

/** All of them, proved by one instance of the room; none without a corpus. */
export function proofsIn(room: ProvingRoom): readonly MeasuredProof[] {
  const cases = casesOf('npm');
  const [first] = cases;
  if (first === undefined) return [];
  const trust = room.parseTrustedRoot(readJson(trustedRootFile(first)));
  const trusted = { room, trust, keys: room.parseRegistryKeys(readJson(keysFile(first))) };
  return [...cases.flatMap((one) => attestationsOf(one, trusted)), ...registrySignatures(trusted)];
}

function attestationsOf(one: CorpusCase, { room, trust, keys }: Trusted): readonly MeasuredProof[] {
  const { attestations } = readJson(path.join(one.directory, 'attestations.json')) as {
    readonly attestations: readonly { readonly predicateType: string; readonly bundle: unknown }[];
  };
  return attestations.map((attestation) => {
    const question = { ...packageOf(one), response: { attestations: [attestation] }, trust, keys };
    const kind = attestation.predicateType.startsWith('https://slsa.dev/') ? 'provenance' : 'publish';
    return {
      name: `${one.name} ${kind}`,
      limit: kind === 'provenance' ? 2 : 1.5,
      prove: async () => demand((await room.verifyAttestations(question))[kind].status),
      reference: referenceFor(attestation.bundle, kind, keys),
    };
  });
}

function referenceFor(
  bundle: unknown,
  kind: 'provenance' | 'publish',
  registryKeys: readonly RegistryKey[],
): () => Promise<void> {
  const root = readJson(path.join(corpus, 'trust/public-good/trusted_root.json'));
  const roots = rootsFrom(root);
  if (roots === undefined) throw new Error('the trusted root cannot be read');
  const thresholds = { tlog: 1, ctlog: kind === 'provenance' ? 1 : 0, timestamp: 1 };
  const { reference } = judgingBy({ roots, options: { registryKeys, thresholds } });
  return async () => demand(reference(bundle) ?? 'proved');
}

function registrySignatures({ room, keys }: Trusted): readonly MeasuredProof[] {
  const { entries } = readJson(path.join(corpus, 'registry-signatures/signatures.json')) as {
    readonly entries: readonly {
      readonly name: string;
      readonly version: string;
      readonly integrity: string;
      readonly keyid: string;
      readonly sig: string;
      readonly publishTime: string;
    }[];
  };
  return entries.slice(0, 1).map(({ name, version, integrity, keyid, sig, publishTime }) => {
    const question = {
      id: { name, version },
      integrity: room.parseIntegrity(integrity),
      signatures: [{ keyid, sig }],
      keys,
      publishedAt: { at: publishTime, proved: false },
    };
    return {
      name: 'registry signature',
      limit: 1.2,
      prove: async () => demand((await room.verifyRegistrySignature(question)).status),
    };
  });
}

function demand(status: string): void {
  if (status !== 'proved') throw new Error(`not proved: ${status}`);
}

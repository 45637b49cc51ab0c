/** Measures what proving one package costs beyond its bare cryptography, in the same process. Run it with `tsx`; it prints and asserts nothing. */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  parseRegistryKeys,
  parseTrustedRoot,
  verifyAttestations,
  verifyRegistrySignature,
} from '../../lib/sigstore/index.ts';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { casesOf, corpus, keysFile, packageOf, readJson, trustedRootFile } from '../sigstore/corpus-cases.ts';

const ROUNDS = 9;
const REPEATS = 60;

type Bare = { readonly p256: () => void; readonly p384: () => void };

/** Microseconds of one call: the best round, each the mean of many repeats. */
function cost(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let repeat = 0; repeat < REPEATS; repeat++) work();
    best = Math.min(best, ((performance.now() - start) * 1000) / REPEATS);
  }
  return best;
}

function bareCrypto(): Bare {
  const data = Buffer.alloc(2000, 7);
  const make = (namedCurve: string, hash: string): (() => void) => {
    const pair: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ec', { namedCurve });
    const signature = sign(hash, data, pair.privateKey);
    return () => {
      verify(hash, data, pair.publicKey, signature);
    };
  };
  return { p256: make('P-256', 'sha256'), p384: make('P-384', 'sha384') };
}

function report(what: string, own: number, bare: number, limit: number): void {
  const ratio = (own / bare).toFixed(2);
  console.log(
    `${what.padEnd(52)} ${own.toFixed(0).padStart(6)} µs  bare ${bare.toFixed(0).padStart(5)} µs  ratio ${ratio} (limit ${limit})`,
  );
}

function main(): void {
  if (corpus === '') {
    console.log('The corpus of real signed data is not here.');
    return;
  }
  const cases = casesOf('npm');
  const [first] = cases;
  if (first === undefined) return;
  const trust = parseTrustedRoot(readJson(trustedRootFile(first)));
  const keys = parseRegistryKeys(readJson(keysFile(first)));
  const bare = bareCrypto();
  const p256 = cost(bare.p256);
  const p384 = cost(bare.p384);
  console.log(`one P-256 verification ${p256.toFixed(0)} µs, one P-384 verification ${p384.toFixed(0)} µs\n`);
  for (const item of cases) {
    const response = readJson(path.join(item.directory, 'attestations.json')) as { attestations: unknown[] };
    for (const attestation of response.attestations) {
      const question = { ...packageOf(item), response: { attestations: [attestation] }, trust, keys };
      const { provenance, publish } = verifyAttestations(question);
      const kind =
        provenance.status === 'proved' ? 'provenance' : publish.status === 'proved' ? 'publish' : 'refuted';
      const hasProof = JSON.stringify(attestation).includes('"checkpoint":{');
      // SCT, signed entry timestamp, checkpoint and signature; the registry's key has no certificate.
      const floor = kind === 'provenance' ? p384 + (hasProof ? 4 : 3) * p256 : (hasProof ? 3 : 2) * p256;
      const own = cost(() => void verifyAttestations(question));
      report(`${item.name} ${kind}`, own, floor, kind === 'provenance' ? 2 : 1.5);
    }
  }
  benchSignature(keys, p256);
}

function benchSignature(keys: ReturnType<typeof parseRegistryKeys>, p256: number): void {
  const { entries } = readJson(path.join(corpus, 'registry-signatures/signatures.json')) as {
    entries: {
      name: string;
      version: string;
      integrity: string;
      keyid: string;
      sig: string;
      publishTime: string | null;
    }[];
  };
  const [entry] = entries;
  if (entry === undefined) return;
  const { name, version, integrity, keyid, sig, publishTime } = entry;
  const question = {
    id: { name, version },
    integrity: parseIntegrity(integrity),
    signatures: [{ keyid, sig }],
    keys,
    ...(publishTime === null ? {} : { publishedAt: { at: publishTime, proved: false } }),
  };
  report(
    'registry signature',
    cost(() => void verifyRegistrySignature(question)),
    p256,
    1.2,
  );
}

main();

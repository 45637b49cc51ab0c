/** Measures what proving one package costs beyond its bare cryptography, in the same process. Run it with `tsx`; it prints and asserts nothing. */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import {
  parseRegistryKeys,
  parseTrustedRoot,
  verifyAttestations,
  verifyRegistrySignature,
} from '../../lib/sigstore/index.ts';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { casesOf, corpus, keysFile, packageOf, readJson, trustedRootFile } from '../sigstore/corpus-cases.ts';
import { judgingBy, rootsFrom } from '../sigstore/differential/judged.ts';

const ROUNDS = 9;
const REPEATS = 40;

// As npmsign does it: both sides pay for the way to the thread pool and back.
const verifyInPool = promisify(verify);

type Work = () => Promise<unknown>;
type Bare = { readonly p256: Work; readonly p384: Work };

/** Microseconds of one call, of the processor and not of the clock on the wall. */
async function cost(work: Work): Promise<number> {
  const start = process.cpuUsage();
  for (let repeat = 0; repeat < REPEATS; repeat++) await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / REPEATS;
}

/** What is compared: npmsign, its bare cryptography, and sigstore-js where it can do the same. */
type Works = { readonly own: Work; readonly bare: Work; readonly reference?: Work };

/** Prints all costs, each in its best round; the rounds alternate, so that a busy machine slows all. */
async function compare(what: string, limit: number, works: Works): Promise<void> {
  const { own, bare, reference = () => Promise.resolve() } = works;
  const best = {
    own: Number.POSITIVE_INFINITY,
    bare: Number.POSITIVE_INFINITY,
    reference: Number.POSITIVE_INFINITY,
  };
  // The first round only warms the compiler up.
  for (let round = 0; round <= ROUNDS; round++) {
    const costs = { own: await cost(own), bare: await cost(bare), reference: await cost(reference) };
    if (round === 0) continue;
    for (const name of ['own', 'bare', 'reference'] as const) best[name] = Math.min(best[name], costs[name]);
  }
  const ratio = best.own / best.bare;
  const beside =
    works.reference === undefined
      ? ''
      : `   sigstore-js ${best.reference.toFixed(0).padStart(6)} µs  ${(best.reference / best.bare).toFixed(1)} ×`;
  const [left, right] = [best.own.toFixed(0).padStart(6), best.bare.toFixed(0).padStart(5)];
  console.log(
    `${what.padEnd(52)} ${left} µs  bare ${right} µs  ${ratio.toFixed(2)} × (limit ${limit}) ${ratio <= limit ? 'held  ' : 'missed'}${beside}`,
  );
}

function bareCrypto(): Bare {
  const data = Buffer.alloc(2000, 7);
  const make = (namedCurve: string, hash: string): Work => {
    const pair: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ec', { namedCurve });
    const signature = sign(hash, data, pair.privateKey);
    return () => verifyInPool(hash, data, pair.publicKey, signature);
  };
  return { p256: make('P-256', 'sha256'), p384: make('P-384', 'sha384') };
}

async function main(): Promise<void> {
  if (corpus === '') {
    console.log('The corpus of real signed data is not here.');
    return;
  }
  const cases = casesOf('npm');
  const [first] = cases;
  if (first === undefined) return;
  const trust = parseTrustedRoot(readJson(trustedRootFile(first)));
  const keys = parseRegistryKeys(readJson(keysFile(first)));
  const roots = rootsFrom(readJson(trustedRootFile(first)));
  if (roots === undefined) return;
  const bare = bareCrypto();
  for (const item of cases) {
    const response = readJson(path.join(item.directory, 'attestations.json')) as {
      attestations: { bundle: unknown }[];
    };
    for (const attestation of response.attestations) {
      const question = { ...packageOf(item), response: { attestations: [attestation] }, trust, keys };
      const { provenance, publish } = await verifyAttestations(question);
      const kind =
        provenance.status === 'proved' ? 'provenance' : publish.status === 'proved' ? 'publish' : 'refuted';
      const hasProof = JSON.stringify(attestation).includes('"checkpoint":{');
      const { reference } = judgingBy({
        roots,
        options: {
          registryKeys: keys,
          thresholds: { tlog: 1, ctlog: kind === 'provenance' ? 1 : 0, timestamp: 1 },
        },
      });
      const { bundle } = attestation;
      if (kind !== 'refuted' && reference(bundle) !== undefined) throw new Error(reference(bundle));
      await compare(`${item.name} ${kind}`, kind === 'provenance' ? 2 : 1.5, {
        own: () => verifyAttestations(question),
        bare: async () => {
          // SCT, signed entry timestamp, checkpoint and signature; the registry's key has no certificate.
          if (kind === 'provenance') await bare.p384();
          for (let left = (kind === 'provenance' ? 3 : 2) + (hasProof ? 1 : 0); left > 0; left--)
            await bare.p256();
        },
        reference: async () => reference(bundle),
      });
    }
  }
  await benchSignature(keys, bare);
}

async function benchSignature(keys: ReturnType<typeof parseRegistryKeys>, bare: Bare): Promise<void> {
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
  await compare('registry signature', 1.2, {
    own: () => verifyRegistrySignature(question),
    bare: bare.p256,
  });
}

await main();

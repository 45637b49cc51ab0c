/** Every bundle of the corpus, as something both verifiers can judge. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { BundleThresholds } from '../../../lib/sigstore/index.ts';
import { artifactOf, type CorpusCase, casesOf, keysOf, readJson, trustedRootFile } from '../corpus-cases.ts';
import type { JsonValue } from './json-mutations.ts';
import { type Judged, judgingBy, type Roots, rootsFrom } from './judged.ts';

/** The bundles, and those the reference cannot be asked about, each with the reason. */
export type CorpusBundles = { readonly judged: readonly Judged[]; readonly left: readonly string[] };

/** Reads them all; none without a corpus. */
export function corpusBundles(): CorpusBundles {
  const roots = new Map<string, Roots | undefined>();
  const rootsOf = (item: CorpusCase): Roots | undefined => {
    const file = trustedRootFile(item);
    if (!roots.has(file)) roots.set(file, rootsFrom(readJson(file)));
    return roots.get(file);
  };
  const judged: Judged[] = [];
  const left: string[] = [];
  for (const family of ['conformance', 'bundles', 'npm', 'npm-negative', 'adversarial']) {
    for (const item of casesOf(family).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const trust = rootsOf(item);
      const found = trust === undefined ? 'its trusted root is malformed' : bundlesIn(item, trust);
      if (typeof found === 'string') left.push(`${family}/${item.name}: ${found}`);
      else judged.push(...found.map((one) => ({ ...one, name: `${family}/${one.name}` })));
    }
  }
  return { judged, left };
}

function bundlesIn(item: CorpusCase, trust: Roots): readonly Judged[] | string {
  const files = readdirSync(item.directory).filter((name) => name.endsWith('.sigstore.json'));
  const loose = files.map((name) => judgedBundle(item, trust, name));
  const refused = loose.find((one) => typeof one === 'string');
  if (refused !== undefined) return refused;
  const whole = loose.filter((one) => typeof one !== 'string');
  return [...whole, ...judgedAttestations(item, trust)];
}

function judgedBundle(item: CorpusCase, roots: Roots, file: string): Judged | string {
  const bundle = (readJson(path.join(item.directory, file)) ?? null) as JsonValue;
  const key = keyOf(item);
  // Only a message signature needs the artifact, and the reference knows no other use of it.
  const artifact = JSON.stringify(bundle).includes('"messageSignature"') ? artifactOf(item) : undefined;
  if (artifact?.kind === 'digest')
    return 'sigstore-js needs the bytes that were signed, and only their digest is there';
  const thresholds = item.expected['thresholds'] as BundleThresholds | undefined;
  const options = {
    ...(thresholds === undefined ? {} : { thresholds }),
    ...(artifact === undefined ? {} : { artifact }),
    ...(key === undefined ? { registryKeys: keysOf(item) } : { key }),
  };
  const judging = judgingBy({
    roots,
    options,
    ...(artifact === undefined ? {} : { artifact: artifact.bytes }),
  });
  const expected = String(item.expected['expectedResult']);
  return { name: `${item.name}/${file.split('.')[0]}`, bundle, expected, ...judging };
}

function keyOf({ directory, expected }: CorpusCase): KeyObject | undefined {
  const file = path.join(directory, String(expected['key']));
  if (typeof expected['key'] !== 'string' || !existsSync(file)) return undefined;
  try {
    return createPublicKey(readFileSync(file));
  } catch {
    // The key of managed-key-wrong-key is no key: then nobody has one.
    return undefined;
  }
}

function judgedAttestations(item: CorpusCase, roots: Roots): readonly Judged[] {
  const answer = readJson(path.join(item.directory, 'attestations.json')) as
    | { attestations?: JsonValue }
    | undefined;
  if (!Array.isArray(answer?.attestations)) return [];
  const judging = judgingBy({ roots, options: { registryKeys: keysOf(item) } });
  const expected = String(item.expected['expectedResult']);
  return answer.attestations.flatMap((attestation, index) => {
    if (typeof attestation !== 'object' || attestation === null || Array.isArray(attestation)) return [];
    const bundle = attestation['bundle'] ?? null;
    return [{ name: `${item.name}/attestation-${index}`, bundle, expected, ...judging }];
  });
}

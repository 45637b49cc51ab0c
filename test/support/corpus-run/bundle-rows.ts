/** Runs the Sigstore conformance cases and the collected bundles through `verify-bundle`. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type BundleRequest, NpmsignError, verifyBundleFile } from '../../../lib/index.ts';
import { aHost } from '../host.ts';
import { aTempDirectory } from '../temp.ts';
import { type Row, readJson } from './row.ts';

type BundleCase = {
  readonly expectedResult: Row['expected'];
  readonly trustedRoot: string;
  readonly key?: string | null;
  readonly artifact: string | null;
  readonly artifactDigest?: { readonly algorithm: string; readonly hex: string } | null;
  readonly identity?: string | null;
  readonly issuer?: string | null;
  readonly thresholds?: { readonly tlog: number; readonly ctlog: number; readonly timestamp: number };
  readonly summary?: {
    readonly signer: { readonly type: string; readonly san?: string; readonly issuer?: string };
    readonly subject: readonly { readonly digest?: Readonly<Record<string, string>> }[];
  };
};

/** All cases of `conformance/` and `bundles/`. */
export async function bundleRows(corpus: string): Promise<Row[]> {
  const cwd = aTempDirectory('bundles');
  const rows: Row[] = [];
  for (const family of ['conformance', 'bundles']) {
    for (const id of readdirSync(path.join(corpus, family)).sort()) {
      const dir = path.join(corpus, family, id);
      if (!existsSync(path.join(dir, 'expected.json'))) continue;
      const expected = readJson<BundleCase>(path.join(dir, 'expected.json'));
      const answer = await answerOf(requestOf(dir, expected), cwd);
      rows.push({ family, id, expected: expected.expectedResult, ...answer });
    }
  }
  return rows;
}

async function answerOf(request: BundleRequest, cwd: string): Promise<Pick<Row, 'got' | 'because'>> {
  try {
    const outcome = await verifyBundleFile(aHost({ cwd, env: { HOME: cwd } }), request);
    if (outcome.ok) return { got: 'pass', because: JSON.stringify(outcome.signer) };
    return { got: 'fail', because: `${outcome.code}: ${outcome.reason}` };
  } catch (error) {
    // A trust root that is malformed itself is npmsign's own error, and as little a pass as a refusal.
    if (!(error instanceof NpmsignError)) throw error;
    return { got: 'fail', because: `${error.code}: ${error.message}` };
  }
}

/** The request the conformance protocol would make of the command line. */
export function requestOf(dir: string, expected: BundleCase): BundleRequest {
  const target = targetOf(dir, expected);
  return {
    bundle: path.join(dir, 'bundle.sigstore.json'),
    trustedRoot: path.resolve(dir, expected.trustedRoot),
    offline: true,
    signer: signerOf(dir, expected),
    ...(target === undefined ? {} : { target }),
    ...(expected.thresholds === undefined ? {} : { thresholds: expected.thresholds }),
  };
}

function signerOf(dir: string, { key, identity, issuer, summary }: BundleCase): BundleRequest['signer'] {
  if (key) return { kind: 'key', path: path.join(dir, key) };
  const subject = identity ?? summary?.signer.san;
  const vouched = issuer ?? summary?.signer.issuer;
  if (subject === undefined || vouched === undefined) return { kind: 'unsafe-any' };
  return { kind: 'certificate', subject, issuer: vouched };
}

function targetOf(dir: string, { artifact, artifactDigest, summary }: BundleCase): string | undefined {
  if (artifact !== null) return path.resolve(dir, artifact);
  if (artifactDigest?.algorithm === 'SHA2_256') return `sha256:${artifactDigest.hex}`;
  const digest = summary?.subject[0]?.digest;
  if (digest?.['sha256'] !== undefined) return `sha256:${digest['sha256']}`;
  return digest?.['sha512'] === undefined ? undefined : `sha512:${digest['sha512']}`;
}

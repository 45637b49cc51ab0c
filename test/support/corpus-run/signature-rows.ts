/** Runs the corpus' registry signatures: the made cases one by one, the real ones as one large lockfile. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { answerOf, judge, judgeAll } from './npm-cases.ts';
import { type Row, readJson } from './row.ts';

type SignatureCase = {
  readonly expectedResult: Row['expected'] | 'missing';
  readonly implementationDefined?: boolean;
  readonly overallResult?: Row['expected'];
  readonly tarball?: string;
  readonly npmKeys: string;
};
type SignedManifest = {
  readonly name: string;
  readonly version: string;
  readonly _time?: string;
  readonly dist: { readonly integrity?: string; readonly signatures?: readonly unknown[] };
};
type RealEntry = {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly keyid: string;
  readonly sig: string;
  readonly publishTime?: string | null;
};

const CHECKS = { 'registry-signature': ['error', { required: true }] };

/** The made cases. Where a tarball is given, its hash is what the lockfile pins, as the package manager would have it. */
export async function signatureRows(corpus: string): Promise<Row[]> {
  const root = path.join(corpus, 'registry-signatures/cases');
  const rows: Row[] = [];
  for (const id of readdirSync(root).sort()) {
    const dir = path.join(root, id);
    const expected = readJson<SignatureCase>(path.join(dir, 'expected.json'));
    const manifest = readJson<SignedManifest>(path.join(dir, 'manifest.json'));
    const integrity = expected.tarball
      ? integrityOf(path.resolve(root, expected.tarball))
      : manifest.dist.integrity;
    const verdict = await judge({
      name: manifest.name,
      version: manifest.version,
      ...(integrity === undefined ? {} : { integrity }),
      manifest: stamped(manifest, manifest._time),
      checks: CHECKS,
      keys: path.resolve(dir, expected.npmKeys),
    });
    rows.push({ family: 'registry-signatures', id, expected: demandOf(expected), ...answerOf(verdict) });
  }
  return rows;
}

/** Every real signature there is, as one project. */
export async function realSignatureRows(corpus: string): Promise<Row[]> {
  const { entries } = readJson<{ entries: RealEntry[] }>(
    path.join(corpus, 'registry-signatures/signatures.json'),
  );
  const unique = new Map(entries.map((entry) => [`${entry.name}@${entry.version}`, entry]));
  const report = await judgeAll(
    [...unique.values()].map(({ name, version, integrity, keyid, sig, publishTime }) => ({
      name,
      version,
      integrity,
      manifest: stamped(
        { name, version, dist: { integrity, signatures: [{ keyid, sig }] } },
        publishTime ?? undefined,
      ),
      checks: CHECKS,
      keys: path.join(corpus, 'trust/public-good/npm-keys.json'),
    })),
  );
  return report.verdicts.map((verdict) => ({
    family: 'real signatures',
    id: `${verdict.package.id.name}@${verdict.package.id.version}`,
    expected: 'pass',
    ...answerOf(verdict),
  }));
}

function demandOf({ expectedResult, overallResult, implementationDefined }: SignatureCase): Row['expected'] {
  if (overallResult !== undefined) return overallResult;
  if (implementationDefined) return 'implementation-defined';
  // A registry known to sign whose answer carries no signature has had it stripped.
  return expectedResult === 'missing' ? 'fail' : expectedResult;
}

function stamped(manifest: SignedManifest, time: string | undefined): Record<string, unknown> {
  const { name, version, dist } = manifest;
  const stamp = `tmp/${name.replace('/', '-')}_${version}_${Date.parse(time ?? '')}_0.5`;
  return { name, version, dist, ...(time === undefined ? {} : { _npmOperationalInternal: { tmp: stamp } }) };
}

function integrityOf(file: string): string {
  return `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
}

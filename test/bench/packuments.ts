/** Packuments for those who ask for them: the versions of the tree, and as many earlier ones as real packages have. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Answer } from './world.ts';

// So many that npm, which fetches all of it, has as much to read as of the real packages: 28 MB for the tree of 1,150.
const EARLIER = 100;

/** Finds the packument of a name, gzipped; `undefined` for names that are not there. */
export function createPackuments(answers: readonly Answer[]): (name: string) => Buffer | undefined {
  const byName = new Map<string, string[]>();
  for (const { path, gzip } of answers) {
    if (path.startsWith('/-/')) continue;
    const name = path.slice(1, path.lastIndexOf('/'));
    byName.set(name, [...(byName.get(name) ?? []), gzip]);
  }
  return (name) => {
    const manifests = byName.get(name);
    return manifests === undefined ? undefined : gzipSync(JSON.stringify(packumentOf(name, manifests)));
  };
}

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly dist: { readonly attestations?: object };
  readonly _npmOperationalInternal: { readonly tmp: string };
};

function packumentOf(name: string, manifests: readonly string[]): object {
  const known = manifests.map(
    (gzip): Manifest => JSON.parse(gunzipSync(Buffer.from(gzip, 'base64')).toString()),
  );
  const [first] = known;
  const earlier = Array.from({ length: EARLIER }, (_, n) => earlierThan(first, `0.0.${n + 1}`));
  const versions = [...earlier, ...known];
  const day = (index: number) => new Date(Date.UTC(2018, 0, 1 + index * 18)).toISOString();
  const times = [
    ...earlier.map(({ version }, index) => [version, day(index)]),
    ...known.map((manifest) => [manifest.version, publishedAt(manifest)]),
  ];
  return {
    _id: name,
    name,
    'dist-tags': { latest: known.at(-1)?.version },
    versions: Object.fromEntries(versions.map((manifest) => [manifest.version, manifest])),
    time: { created: day(0), modified: day(versions.length), ...Object.fromEntries(times) },
    modified: day(versions.length),
  };
}

/** npm judges the registry's key by this time, so it has to be the one the version was signed at. */
function publishedAt({ _npmOperationalInternal: { tmp } }: Manifest): string {
  return new Date(Number(/_(\d{13})_/.exec(tmp)?.[1])).toISOString();
}

type Earlier = Readonly<Record<string, unknown>> & { readonly version: string };

/** A version published by hand before. What compresses badly in a packument, hashes and signatures, is its own. */
function earlierThan(known: Manifest | undefined, version: string): Earlier {
  const { attestations: _, ...dist } = known?.dist ?? {};
  const hash = (of: string) => createHash('sha512').update(`${known?.name}@${version} ${of}`);
  const integrity = `sha512-${hash('integrity').digest('base64')}`;
  const signatures = [{ keyid: 'SHA256:earlier', sig: hash('signature').digest('base64') }];
  return {
    ...known,
    version,
    _id: `${known?.name}@${version}`,
    gitHead: hash('commit').digest('hex').slice(0, 40),
    dist: { ...dist, integrity, shasum: hash('tarball').digest('hex').slice(0, 40), signatures },
  };
}

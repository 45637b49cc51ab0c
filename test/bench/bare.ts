/** The bare cryptography of a proof: exactly the signatures it verifies, with the same keys and bytes, ready at hand. */
import crypto, { type KeyObject } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { projectRoot } from '../support/corpus.ts';
import { aTempDirectory } from '../support/temp.ts';

/** The room that proves, with the parser of what it is asked about. */
export type ProvingRoom = typeof import('../../lib/sigstore/index.ts') &
  typeof import('../../lib/text/integrity.ts');

/** One way of verifying signatures: as where two threads have all cores, and as where there are more. */
export type BareProver = {
  readonly place: 'on one thread' | 'in the thread pool';
  readonly room: ProvingRoom;
  /** Verifies the same signatures as `prove`, one after another and in the same place. */
  readonly bareOf: (prove: () => Promise<unknown>) => Promise<() => Promise<void>>;
};

/** Both, built as they are published: what a compiler for development adds to the code is not measured. */
export async function bareProvers(): Promise<readonly BareProver[]> {
  const outfile = path.join(aTempDirectory('bench-proving'), 'proving.mjs');
  const contents = ['lib/sigstore/index.ts', 'lib/text/integrity.ts'].map(
    (file) => `export * from './${file}';`,
  );
  await build({
    stdin: { contents: contents.join('\n'), resolveDir: projectRoot },
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20.17', logLevel: 'warning' },
    banner: { js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);" },
  });
  const record = recordVerifications();
  // Two instances of one module: where signatures are verified is settled once.
  const here = (await import(`${pathToFileURL(outfile).href}?here`)) as ProvingRoom;
  const pool = (await import(pathToFileURL(outfile).href)) as ProvingRoom;
  here.verifyOnThisThread();
  return [
    {
      place: 'on one thread',
      room: here,
      bareOf: async (prove) => {
        const notes = await record(prove);
        return async () => {
          for (const note of notes) crypto.verify(...note);
        };
      },
    },
    {
      place: 'in the thread pool',
      room: pool,
      bareOf: async (prove) => {
        const notes = await record(prove);
        return async () => {
          for (const note of notes) await verifyInPool(...note);
        };
      },
    },
  ];
}

const verifyInPool = promisify(crypto.verify);

/** Arguments of Node's own function. */
type Verification = readonly [string | null | undefined, Uint8Array, KeyObject, Uint8Array];
type Recorder = (prove: () => Promise<unknown>) => Promise<readonly Verification[]>;

/** From now on Node's own function notes what it is asked, while somebody records. */
function recordVerifications(): Recorder {
  const { verify } = crypto;
  const state: { notes: Verification[] | undefined } = { notes: undefined };
  // A callback follows where the thread pool is to do it.
  const noting = (
    ...[algorithm, bytes, key, signature, ...rest]: [...Verification, ...unknown[]]
  ): unknown => {
    state.notes?.push([algorithm, bytes, key, signature]);
    return Reflect.apply(verify, crypto, [algorithm, bytes, key, signature, ...rest]);
  };
  Object.assign(crypto, { verify: noting });
  syncBuiltinESMExports();
  return async (prove) => {
    // What a first proof makes ready for all others is not part of any.
    await prove();
    const notes: Verification[] = [];
    state.notes = notes;
    await prove();
    state.notes = undefined;
    if (notes.length === 0) throw new Error('nothing was verified');
    return notes;
  };
}

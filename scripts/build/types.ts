/** Writes the type declarations of the library. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** Runs the compiler, and refuses declarations that name a package: an installed npmsign has none beside it. */
export function writeTypes(root: string, outDirectory: string): void {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
  const project = join(root, 'scripts/build/tsconfig.json');
  const compiler = join(dirname(manifest), 'bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', project, '--outDir', outDirectory], { stdio: 'inherit' });
  const named = readdirSync(outDirectory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .filter((file) => /from ['"](?!\.|node:)/.test(readFileSync(join(outDirectory, file), 'utf8')));
  if (named.length > 0) throw new Error(`Declarations name packages: ${named.join(', ')}.`);
}

/** Makes sure that what is measured is a run that proves everything. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '../../lib/model/report.ts';
import { aTempDirectory } from '../support/temp.ts';
import { measure } from './measure.ts';
import type { Scene } from './scene.ts';

/** What npmsign proved, in a sentence. Throws where that is less than everything: such a run would be quick for the wrong reason. */
export async function assertAllProved({ programs, layOut, lockfile, world }: Scene): Promise<string> {
  const project = layOut(lockfile);
  const file = path.join(aTempDirectory('bench-report'), 'report.json');
  const args = [path.join(programs.npmsign, 'bin.mjs'), 'verify', '--format', 'json', '--output', file];
  const home = aTempDirectory('bench-home');
  const { result } = await measure({ args, cwd: project, home, watch: 'startup' });
  if (result.code > 1) throw new Error(`npmsign verify ended with ${result.code}:\n${result.stderr}`);
  // npmsign's own report, of the shape SPEC 7 gives.
  const { summary } = JSON.parse(readFileSync(file, 'utf8')) as Pick<Report, 'summary'>;
  const { packages, pass, signatures, provenance } = summary;
  const isWhole = pass === packages && signatures.proved === packages && packages === world.entries;
  if (!isWhole || provenance.proved !== world.attestedEntries)
    throw new Error(`Not everything is proved; see npmsign verify in ${project}:\n${result.stdout}`);
  return `npmsign: ${pass} of ${packages} pass, ${signatures.proved} signatures and ${provenance.proved} provenances proved`;
}

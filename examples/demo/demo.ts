/** `npm run demo`: shows npmsign at work on loopback. Exits 1 when anything goes otherwise than it says. */
import path from 'node:path';
import process from 'node:process';
import { wantsColor } from '../../lib/cli/terminal.ts';
import { projectRoot } from '../../test/support/corpus.ts';
import { ownNpm } from '../../test/support/managers.ts';
import { attacks } from './attacks.ts';
import { createStage } from './stage.ts';
import { tellStory } from './story.ts';

// Temporary directories are removed when the process exits; a signal alone would skip that.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const color = wantsColor(process.env, process.stdout);
const stage = createStage((text) => process.stdout.write(text), { color });
const [dist = path.join(projectRoot, 'dist')] = process.argv.slice(2);
const cast = { npm: ownNpm(), npmsign: path.join(dist, 'bin.mjs'), color };
const surprises = await tellStory({ stage, cast, gate: path.join(dist, 'gate.mjs'), attacks });
if (surprises.length === 0) {
  stage.say(
    `\n${attacks.length} attacks, ${attacks.length} refusals, before any of their code was fetched. Nothing is left behind.`,
  );
} else {
  stage.say('');
  for (const surprise of surprises) stage.bad(surprise);
  process.exitCode = 1;
}

/** `npmsign install`: resolves without fetching, verifies, then installs; on refusal the project is as it was. */
import { install } from '../../index.ts';
import { createGateCommand } from '../gate-command.ts';

/** The strong gate at the desk, with the manager's own arguments: `npmsign install lodash -D`. */
export const installCommand = createGateCommand({
  run: install,
  notes: [
    'The package manager writes its lockfile and fetches no package, the lockfile is verified, then the frozen install runs. Whatever goes wrong,',
    'package.json and lockfile are put back as they were. yarn 1 cannot resolve without fetching: it installs what is locked.',
  ],
});

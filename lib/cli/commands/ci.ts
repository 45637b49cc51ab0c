/** `npmsign ci`: verifies the lockfile, then runs the package manager's frozen install. */
import { ci } from '../../index.ts';
import { createGateCommand } from '../gate-command.ts';

/** The strong gate: nothing is fetched before the verdict, and nothing but what was judged after it. */
export const ciCommand = createGateCommand({
  run: ci,
  notes: [
    'Runs npm ci, pnpm install --frozen-lockfile, yarn install --frozen-lockfile or --immutable, or bun install --frozen-lockfile: whichever',
    'the project uses, by its package.json and lockfile.',
  ],
});

/** What a project of yarn gets: a script for yarn 1, a plugin for yarn 2 and later. */
import type { Draft } from './draft.ts';
import { addScript } from './npm.ts';
import { withListItem } from './yaml-edit.ts';

const SETTINGS = '.yarnrc.yml';
const PLUGIN = '.npmsign/yarn.cjs';

/** The row of SPEC 5 for yarn 1. */
export function setUpYarnClassic(draft: Draft): void {
  addScript(draft, 'preinstall');
  draft.gate('yarn install and yarn add: the root preinstall script stops them before anything is fetched.');
  draft.note(
    'yarn upgrade calls no script of the project and is not stopped, nor is anything under --ignore-scripts; npmsign ci in CI notices.',
  );
  draft.note(
    'yarn add is refused, since yarn 1 cannot resolve without fetching: yarn add --ignore-scripts, npmsign verify, then yarn install --force.',
  );
}

/** The row of SPEC 5 for yarn 4. */
export function setUpYarnBerry(draft: Draft): void {
  draft.write(PLUGIN, PLUGIN_TEXT, 'the plugin that asks the gate');
  const settings = draft.textOf(SETTINGS) ?? '';
  if (!settings.includes(`path: ${PLUGIN}`)) {
    const edit = withListItem(settings, 'plugins', [`path: ${PLUGIN}`, 'spec: npmsign']);
    if (edit === undefined) {
      draft.byHand(`${SETTINGS}: add { path: ${PLUGIN}, spec: npmsign } to plugins.`);
      return;
    }
    draft.insert(SETTINGS, edit, edit.piece);
  }
  draft.gate('yarn install, add, up and dedupe: the plugin stops them before anything is fetched.');
  draft.note(
    'yarn add and up are refused what yarn.lock does not hold yet: npmsign install <package> resolves, judges, then installs.',
  );
}

const PLUGIN_TEXT = `/** Lets npmsign judge yarn.lock before yarn fetches anything. Written by npmsign init. */
const gate = () => import('./gate.mjs?hook');

module.exports = {
  name: 'plugin-npmsign',
  factory: () => ({
    hooks: {
      validateProject: async (project, report) => (await gate()).yarn.validateProject(project, report),
      reduceDependency: async (dependency, project) => (await gate()).yarn.reduceDependency(dependency, project),
    },
  }),
};
`;

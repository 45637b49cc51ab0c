/** What a project of npm gets: the gate in its scripts, and on npm 11 no script that nobody has reviewed. */
import type { ScriptReview } from '../model/setup.ts';
import type { Draft } from './draft.ts';
import { valueIn } from './json-edit.ts';
import { appended } from './lines.ts';
import { runsPreinstallFirst } from './npm-version.ts';
import { gatedScript, type ScriptName } from './scripts.ts';

/** What is known about the project besides its files. */
export type NpmProject = {
  readonly version: string;
  readonly scripts: ScriptReview;
  readonly wantsExtension: boolean;
};

/** The rows of SPEC 5 that apply to this version of npm. */
export function setUpNpm(draft: Draft, project: NpmProject): void {
  const isFirst = runsPreinstallFirst(project.version);
  addScript(draft, 'preinstall');
  addScript(draft, 'dependencies');
  draft.gate(
    isFirst
      ? 'npm ci and bare npm install: the root preinstall script stops them before anything is fetched.'
      : `npm ci and bare npm install: npm ${project.version} calls the root preinstall script last. It fails the install, and says that it came late.`,
  );
  draft.gate(
    'Every npm command that changes node_modules: the root dependencies script fails it afterwards.',
  );
  reviewScripts(draft, project.scripts);
  if (project.wantsExtension) addExtension(draft, isFirst);
}

/** Puts the gate in front of one script of package.json. */
export function addScript(draft: Draft, name: ScriptName): void {
  const existing = valueIn(draft.textOf('package.json') ?? '{}', ['scripts', name]);
  const gated = gatedScript(name, typeof existing === 'string' ? existing : undefined);
  switch (gated.kind) {
    case 'already':
      return;
    case 'gated':
      draft.setJson('package.json', ['scripts', name], gated.script);
      return;
    case 'by-hand':
      draft.byHand(`package.json: ${gated.because}.`);
      return;
  }
}

const STRICT = 'strict-allow-scripts';

/** What runs today is allowed by name and version, and whatever else has a script fails the install before anything is fetched. */
function reviewScripts(draft: Draft, scripts: ScriptReview): void {
  if (scripts.kind === 'exempted') {
    if (scripts.because !== undefined) draft.note(`${STRICT} is not proposed: ${scripts.because}.`);
    return;
  }
  const npmrc = draft.textOf('.npmrc') ?? '';
  // npm reads one list or the other: an entry in package.json would switch off what .npmrc allows.
  if (scripts.specs.length > 0 && /^[^\S\r\n]*allow-scripts/m.test(npmrc)) {
    draft.byHand(`.npmrc: add to allow-scripts ${scripts.specs.join(', ')}, and ${STRICT}=true.`);
    return;
  }
  for (const spec of scripts.specs) draft.setJson('package.json', ['allowScripts', spec], true);
  const line = /^[^\S\r\n]*strict-allow-scripts[^\S\r\n]*=[^\r\n]*/m.exec(npmrc);
  if (line !== null && /=\s*true\s*$/.test(line[0])) return;
  if (line !== null) draft.insert('.npmrc', { offset: line.index, was: line[0] }, `${STRICT}=true`);
  else addNpmrcLine(draft, npmrc);
  draft.gate(`Install scripts nobody has reviewed: ${STRICT} stops npm before anything is fetched.`);
}

/** Settings below a section's heading belong to the section: the line goes in front of the first. */
function addNpmrcLine(draft: Draft, npmrc: string): void {
  const section = /^[^\S\r\n]*\[/m.exec(npmrc);
  if (section === null) {
    draft.append('.npmrc', [`${STRICT}=true`]);
    return;
  }
  draft.insert('.npmrc', { offset: section.index }, appended('', [`${STRICT}=true`]));
}

const EXTENSION = '.npm-extension.mjs';

function addExtension(draft: Draft, isFirst: boolean): void {
  if (!isFirst) {
    draft.note('--npm-extension needs npm 12 or later; nothing was written for it.');
    return;
  }
  if (draft.textOf('.npm-extension.cjs') !== undefined || isForeign(draft.textOf(EXTENSION))) {
    draft.byHand(
      `${EXTENSION}: the project has an extension of its own; ask the gate in it as README.md shows.`,
    );
    return;
  }
  draft.write(EXTENSION, EXTENSION_TEXT);
  draft.gate(
    'npm install <package>, update, dedupe and audit fix: .npm-extension.mjs stops them before anything is fetched.',
  );
  draft.note(
    'npm keeps a hash of the extension in its lockfile: run npm install --package-lock-only once, and commit both.',
  );
}

function isForeign(text: string | undefined): boolean {
  return text !== undefined && text !== EXTENSION_TEXT;
}

const EXTENSION_TEXT = `// Lets npmsign judge the lockfile before npm resolves or fetches anything, and refuse what the lockfile does not hold.
const { npm } = await import('./.npmsign/gate.mjs?hook');
await npm.judge(import.meta.dirname);
export const transformManifest = (manifest) => npm.admit(manifest);
`;

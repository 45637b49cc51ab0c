/** The story the demo tells: an honest install, then one attack after another, each held to what it must end in. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Report } from '../../lib/model/report.ts';
import { aCanaryCage } from '../../test/support/project.ts';
import { aTempDirectory } from '../../test/support/temp.ts';
import type { Attack } from './attacks.ts';
import { type Cast, runNpm, runNpmsign } from './perform.ts';
import { openShop, type Shop } from './shop.ts';
import type { Stage } from './stage.ts';

/** Who plays, on which stage, against which attacks. */
export type Production = {
  readonly stage: Stage;
  readonly cast: Cast;
  /** The built gate. */
  readonly gate: string;
  readonly attacks: readonly Attack[];
};

/** One attack as it went. */
type Ending = {
  readonly attack: Attack;
  readonly effect: string;
  readonly exit: number;
  readonly scripts: number;
  /** What should have been otherwise. */
  readonly surprises: readonly string[];
};

/** Tells the story. Resolves to everything that did not go as told; nothing when all went well. */
export async function tellStory(production: Production): Promise<readonly string[]> {
  const { stage, attacks } = production;
  const shop = await openShop(production.gate);
  try {
    introduce(shop, production);
    const surprises = [...(await honestInstall(shop, production))];
    const endings: Ending[] = [];
    for (const [index, attack] of attacks.entries()) {
      stage.heading(`${index + 1}. ${attack.title}`);
      endings.push(await refusal(attack, shop, production));
    }
    stage.heading('In short');
    stage.table([
      ['attack', 'effect', 'decided by', 'exit', 'scripts run'],
      ...endings.map(({ attack, effect, exit, scripts }) => [
        ...[attack.title, effect, attack.refusedBy[0]],
        ...[String(exit), String(scripts)],
      ]),
    ]);
    return [...surprises, ...endings.flatMap((ending) => ending.surprises)];
  } finally {
    await shop.close();
  }
}

const COMMAND = 'npmsign verify --quiet && npm ci';

/** Does this npm call the root preinstall script before it fetches anything? */
function isEarly({ npm }: Cast): boolean {
  return Number.parseInt(npm.version, 10) >= 12;
}

function introduce({ registry, policy }: Shop, { stage }: Production): void {
  stage.heading('A registry, a Sigstore and a shop, all on this machine');
  stage.say(`${registry.url} signs what is published to it, and attests builds as the public registry does.`);
  stage.say(
    'The shop installs @acme/lib 2.1.0 (built from tag v2.1.0), @acme/tiny, and pad-right of somebody else.',
  );
  stage.say('Its .npmsignrc:');
  stage.quote(policy);
}

async function honestInstall(shop: Shop, { stage, cast }: Production): Promise<readonly string[]> {
  const { dir, installed } = shop.project();
  const cage = aCanaryCage();
  stage.heading('An honest install');
  stage.command(COMMAND);
  const verified = await runNpmsign(cast, ['verify', '--quiet'], { cwd: dir });
  stage.quote(verified.printed);
  const ci = await runNpm(cast, ['ci'], { cwd: dir, env: cage.env });
  stage.quote(ci.printed.replaceAll(`${dir}${path.sep}`, './'));
  const [scripts, packages] = [cage.ranScripts(), installed()];
  const surprises = [
    ...(verified.code === 0 ? [] : [`npmsign verify refused the honest packages with ${verified.code}`]),
    ...(ci.code === 0 ? [] : [`npm ci of the honest packages ended with ${ci.code}`]),
    ...(packages.length === 3 ? [] : [`npm ci installed ${packages.join(', ') || 'nothing'}`]),
    ...(scripts.length === 1 ? [] : [`of the honest packages ran: ${scripts.join(', ') || 'no script'}`]),
  ];
  if (!isEarly(cast)) {
    stage.say(
      'npm 12 calls the gate before it fetches anything, this npm afterwards: so npmsign verify goes first.',
    );
  }
  if (surprises.length === 0) stage.good(`installed; the one script that was reviewed ran: ${scripts[0]}`);
  for (const surprise of surprises) stage.bad(surprise);
  return surprises;
}

async function refusal(attack: Attack, shop: Shop, { stage, cast }: Production): Promise<Ending> {
  shop.registry.behave();
  const { dir, installed } = attack.prepare(shop);
  shop.registry.forgetRequests();
  const cage = aCanaryCage();
  stage.say(attack.tale);
  stage.command(COMMAND);
  const file = path.join(aTempDirectory('demo-report'), 'report.json');
  const formats = ['--format', 'pretty', '--format', 'json', '--output', file];
  const { printed, code } = await runNpmsign(cast, ['verify', '--quiet', ...formats], {
    cwd: dir,
    env: cage.env,
  });
  stage.quote(firstGroups(printed));
  // What && means; and where npm calls the gate first, npm ci alone must be stopped as well.
  const ci =
    code === 0 || isEarly(cast) ? await runNpm(cast, ['ci'], { cwd: dir, env: cage.env }) : undefined;
  const report = reportIn(file, code);
  const scripts = cage.ranScripts();
  const fetched = shop.registry.requests.filter(({ route }) => route.kind === 'tarball').length;
  const surprises = [
    ...(code === 1 ? [] : [`${attack.title}: npmsign verify ended with ${code}, not 1`]),
    ...missing(attack, report).map((check) => `${attack.title}: ${check} did not refuse it`),
    ...(ci === undefined || ci.code !== 0 ? [] : [`${attack.title}: npm ci installed it`]),
    ...(scripts.length === 0 ? [] : [`${attack.title}: ${scripts.join(', ')} ran`]),
    ...(fetched === 0 ? [] : [`${attack.title}: ${fetched} tarballs were fetched`]),
    ...(installed().length === 0 ? [] : [`${attack.title}: ${installed().join(', ')} lie in node_modules`]),
  ];
  const alone = ci === undefined ? '' : `; npm ci alone: exit ${ci.code}, stopped by the gate`;
  if (surprises.length === 0) stage.good(`exit ${code}; no tarball fetched, no script run${alone}`);
  for (const surprise of surprises) stage.bad(surprise);
  return { attack, effect: report?.effect ?? 'none', exit: code, scripts: scripts.length, surprises };
}

/** npmsign writes a report for a verdict; an error has none. */
function reportIn(file: string, code: number): Report | undefined {
  // npmsign's own report, of the shape the specification gives.
  return code === 0 || code === 1 || code === 3
    ? (JSON.parse(readFileSync(file, 'utf8')) as Report)
    : undefined;
}

function missing({ refusedBy }: Attack, report: Report | undefined): readonly string[] {
  const outcomes = report?.verdicts.flatMap((verdict) => verdict.outcomes) ?? [];
  const failed = new Set(outcomes.filter(({ effect }) => effect === 'fail').map(({ check }) => check));
  return refusedBy.filter((check) => !failed.has(check));
}

const SHOWN_GROUPS = 2;

/** The message up to its second group of findings; the others are named. */
function firstGroups(printed: string): string {
  const lines = printed.trimEnd().split('\n');
  const starts = lines.flatMap((line, index) => {
    const check = /^✖ FAIL {2}([a-z-]+) · /.exec(stripVTControlCharacters(line))?.[1];
    return check === undefined ? [] : [{ index, check }];
  });
  const hidden = starts.slice(SHOWN_GROUPS);
  const [first] = hidden;
  if (first === undefined) return printed;
  const names = hidden.map(({ check }) => check).join(', ');
  return `${lines.slice(0, first.index).join('\n')}\n… and refused likewise by ${names}`;
}

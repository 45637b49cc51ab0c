/** The SARIF log, held to the 2.1.0 schema. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import type { Report } from '../../lib/model/report.ts';
import { type RenderStyle, render } from '../../lib/report/index.ts';
import { aPackage } from '../support/builders.ts';
import {
  aFailure,
  anEventfulReport,
  anOpenQuestion,
  anOutcome,
  aReport,
  aVerdict,
  RULES,
} from './a-report.ts';
import { assertGolden } from './golden.ts';

const STYLE: RenderStyle = { color: false, verbose: false, quiet: false, rules: RULES };

/** The schema SARIF's own JavaScript kit ships: draft 4 by its label, without anything draft 7 reads differently. */
function sarifValidator() {
  const file = createRequire(import.meta.url).resolve(
    '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
  );
  const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
  return new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
}

describe('a SARIF report', () => {
  const valid = sarifValidator();

  const reports: readonly (readonly [string, Report])[] = [
    ['an eventful run', anEventfulReport()],
    ['a run that passes', aReport()],
    ['an empty lockfile', aReport([])],
  ];
  for (const [what, report] of reports) {
    it(`of ${what} fits the schema`, () => {
      assert.ok(valid(JSON.parse(render(report, 'sarif', STYLE))), JSON.stringify(valid.errors));
    });
  }

  it('would not fit the schema with a level the standard does not know', () => {
    const log = logOf(anEventfulReport());
    log.runs[0].results[0].level = 'fatal';
    assert.equal(valid(log), false);
  });

  it('tells an eventful run as reviewed', () => {
    assertGolden(render(anEventfulReport(), 'sarif', STYLE), 'report.sarif');
  });

  it('points at the line of the lockfile, by a path inside the project', () => {
    const { artifactLocation, region } = resultsOf(failing())[0].locations[0].physicalLocation;
    assert.deepEqual(artifactLocation, { uri: 'package-lock.json', uriBaseId: '%SRCROOT%' });
    assert.deepEqual(region, { startLine: 12 });
  });

  it('tells a path outside the project as a file URL', () => {
    const uriOf = (path: string) =>
      resultsOf({ ...failing(), lockfile: { path, format: 'npm' } })[0].locations[0].physicalLocation
        .artifactLocation;
    assert.deepEqual(uriOf('/other place/package-lock.json'), {
      uri: 'file:///other%20place/package-lock.json',
    });
    assert.deepEqual(uriOf('C:\\other\\package-lock.json'), { uri: 'file:///C:/other/package-lock.json' });
  });

  it('gives a finding the same fingerprint when its line moves, and another to another package', () => {
    const printOf = (line: number, name = 'a') =>
      resultsOf(failing(aPackage({ id: { name, version: '1.0.0' }, line })))[0].partialFingerprints[
        'npmsign/v1'
      ];
    assert.equal(printOf(10), printOf(99));
    assert.notEqual(printOf(10), printOf(10, 'b'));
  });

  it('gives violated and unverified the level error, warned the level warning, and tells the effect', () => {
    const outcomes = [
      aFailure('provenance', 'none'),
      anOpenQuestion('registry-signature', 'no answer'),
      anOutcome({ ...aFailure('minimum-age', 'young'), level: 'warn', effect: 'warn' }),
    ];
    const told = resultsOf(aReport([aVerdict({ outcomes })])).map(
      (result: { level: string; properties: { effect: string } }) => [result.properties.effect, result.level],
    );
    assert.deepEqual(told, [
      ['fail', 'error'],
      ['unverified', 'error'],
      ['warn', 'warning'],
    ]);
  });

  it('suppresses what is exempt, with the reason', () => {
    const exempt = resultsOf(anEventfulReport()).filter(
      (result: { suppressions?: unknown }) => result.suppressions,
    );
    assert.equal(exempt.length, 1);
    assert.match(
      exempt[0].suppressions[0].justification,
      /published before the registry signed packages \(until 2027-03-01\)/,
    );
  });

  it('lets no text become a link', () => {
    const outcomes = [aFailure('provenance', 'see [the fix](https://evil.example/) {0}')];
    const [result] = resultsOf(aReport([aVerdict({ outcomes })]));
    assert.match(result.message.text, /see \\\[the fix\\\]\(https:\/\/evil\.example\/\) \{\{0\}\}/);
  });

  it('lists rules of its own for checks nobody described', () => {
    const log = JSON.parse(render(failing(), 'sarif'));
    assert.deepEqual(
      log.runs[0].tool.driver.rules.map((rule: { id: string }) => rule.id),
      ['provenance'],
    );
    assert.equal(log.runs[0].results[0].ruleIndex, 0);
  });
});

function failing(pkg = aPackage()): Report {
  return aReport([aVerdict({ package: pkg, outcomes: [aFailure('provenance', 'none')] })]);
}

function logOf(report: Report) {
  return JSON.parse(render(report, 'sarif', STYLE));
}

function resultsOf(report: Report) {
  return logOf(report).runs[0].results;
}

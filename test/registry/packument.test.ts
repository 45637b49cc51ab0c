/** A packument is read as history, and never believed about another name. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isObject, type Parsed } from '../../lib/registry/json.ts';
import {
  historyIn,
  modifiedIn,
  type PackumentQuestion,
  parseHistory,
  parseModified,
} from '../../lib/registry/packument.ts';
import { NOW } from '../support/host.ts';

const question = { name: 'lib', now: NOW };

/** Parses the history, and once more what the cache keeps of it: the next run must read the same. */
function historyOf(json: unknown, asked: PackumentQuestion = question) {
  const parsed = parseHistory(json, asked);
  if (isObject(json)) assert.deepEqual(parseHistory(again(historyIn(json)), asked), parsed);
  return parsed;
}

/** The same for the time of the last change. */
function modifiedOf(json: unknown, asked: PackumentQuestion & { readonly version: string }): Parsed<string> {
  const parsed = parseModified(json, asked);
  if (isObject(json)) assert.deepEqual(parseModified(again(modifiedIn(json)), asked), parsed);
  return parsed;
}

const again = (json: object): unknown => JSON.parse(JSON.stringify(json));

describe('parseHistory', () => {
  it('tells what each version had', () => {
    const parsed = historyOf(
      {
        name: 'lib',
        modified: '2026-01-02T00:00:00.000Z',
        time: {
          '1.0.0': '2025-01-01T00:00:00.000Z',
          '2.0.0': 'yesterday',
          modified: '2025-12-31T00:00:00.000Z',
        },
        versions: {
          '1.0.0': {
            deprecated: 'old',
            _npmUser: { trustedPublisher: { id: 'github' } },
            dist: { signatures: [{}], attestations: { provenance: { predicateType: 'x' } } },
          },
          '2.0.0': null,
          '3.0.0': { _npmUser: { approver: { name: 'acme' } } },
        },
      },
      question,
    );
    const nothing = { hasProvenance: false, hasSignature: false, trustedPublisher: false, deprecated: false };
    assert.deepEqual(parsed, {
      kind: 'value',
      value: {
        modified: '2026-01-02T00:00:00.000Z',
        versions: [
          {
            version: '1.0.0',
            publishedAt: '2025-01-01T00:00:00.000Z',
            hasProvenance: true,
            hasSignature: true,
            trustedPublisher: true,
            deprecated: true,
          },
          { version: '2.0.0', ...nothing },
          { version: '3.0.0', ...nothing, stagedPublish: true },
        ],
      },
    });
  });

  it('calls a packument of another name malformed', () => {
    const parsed = historyOf({ name: 'lib-evil', versions: {} }, question);
    assert.match(
      parsed.kind === 'malformed' ? parsed.reason : '',
      /asked about lib, it answered about lib-evil/,
    );
  });

  for (const json of [
    null,
    [],
    'x',
    { name: 'lib', versions: [null], time: 7 },
    { name: 'lib', versions: { x: [] } },
  ]) {
    it(`reads ${JSON.stringify(json)} without a crash`, () => {
      assert.ok(['value', 'malformed'].includes(historyOf(json, question).kind));
    });
  }
});

describe('parseModified', () => {
  const packument = { name: 'lib', modified: '2026-01-02T00:00:00.000Z', versions: { '1.0.0': {} } };

  it('bounds the age of a version the packument lists', () => {
    const parsed = modifiedOf(packument, { ...question, version: '1.0.0' });
    assert.deepEqual(parsed, { kind: 'value', value: '2026-01-02T00:00:00.000Z' });
  });

  it('says nothing about a version the packument does not list yet', () => {
    const parsed = modifiedOf(packument, { ...question, version: '1.0.1' });
    assert.match(parsed.kind === 'malformed' ? parsed.reason : '', /does not list version 1.0.1/);
  });

  it('does not take a date that is none', () => {
    const parsed = modifiedOf(
      { ...packument, modified: '3026-01-01T00:00:00Z' },
      { ...question, version: '1.0.0' },
    );
    assert.match(parsed.kind === 'malformed' ? parsed.reason : '', /does not say when/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subject } from '../../lib/checks/define.ts';
import { minimumAge } from '../../lib/checks/minimum-age.ts';
import type { History, ToldTime } from '../../lib/model/evidence.ts';
import type { Told } from '../../lib/model/proof.ts';
import {
  aHistory,
  aManifest,
  aProvenance,
  aPublishAttestation,
  proved,
  told,
  without,
} from '../support/builders.ts';
import { NOW } from '../support/host.ts';
import { assertAnswer, from, having } from './subjects.ts';

const WEEK = { days: 7 };
const AGO = '2026-11-15T12:00:00Z';
const SHORT = '2026-11-15T12:00:01Z';
const NOT_ASKED: Told<History> = { status: 'notApplicable', reason: 'no check asks for earlier versions' };

/** A package without log entries, and what the registry tells about its time. */
function toldTime(publishedAt: ToldTime | undefined, history: Told<History> = NOT_ASKED): Subject {
  return having({
    publish: { status: 'absent' },
    provenance: { status: 'absent' },
    manifest: told(
      publishedAt === undefined ? without(aManifest(), 'publishedAt') : aManifest({ publishedAt }),
    ),
    history,
  });
}

function logged(publish: string | undefined, provenance?: string, publishedAt?: string): Subject {
  return having({
    publish:
      publish === undefined ? { status: 'absent' } : proved(aPublishAttestation({ loggedAt: publish })),
    provenance:
      provenance === undefined ? { status: 'absent' } : proved(aProvenance({ loggedAt: provenance })),
    manifest: told(
      aManifest({ publishedAt: { at: publishedAt ?? '2020-01-01T00:00:00Z', from: 'manifest' } }),
    ),
  });
}

describe('minimum-age', () => {
  const cases = [
    ['passes on the very day, logged', logged(AGO), 'pass', /proved by the publish log entry\), 7 days ago/],
    ['fails one second short, logged', logged(SHORT), 'fail', /6 days ago; the policy waits 7 days/],
    ['passes on the very day, told', toldTime({ at: AGO, from: 'manifest' }), 'pass', /told by the registry/],
    [
      'fails one second short, told',
      toldTime({ at: SHORT, from: 'packument' }),
      'fail',
      /told by the registry/,
    ],
    [
      'passes a name last changed long enough ago',
      toldTime({ at: AGO, from: 'modified' }),
      'pass',
      /no later than/,
    ],
    [
      'is unknown for a name changed since',
      toldTime({ at: SHORT, from: 'modified' }),
      'unknown',
      /exact time/,
    ],
    [
      'believes the log more than the registry',
      logged(SHORT, AGO, '2020-01-01T00:00:00Z'),
      'fail',
      /publish log/,
    ],
    [
      'takes the build’s log entry without a publish entry',
      logged(undefined, AGO),
      'pass',
      /provenance log entry/,
    ],
    [
      'believes a told time later than the build',
      logged(undefined, AGO, SHORT),
      'fail',
      /told by the registry/,
    ],
    ['is unknown when nobody tells', toldTime(undefined), 'unknown', /nothing tells/],
    [
      'is unknown when the time is no ISO 8601 time',
      toldTime({ at: '1', from: 'manifest' }),
      'unknown',
      /nothing/,
    ],
  ] as const;
  for (const [name, subject, kind, because] of cases) {
    it(name, () => assertAnswer(minimumAge.ask(subject, WEEK), kind, because));
  }

  it('finds the exact time in the history where the manifest has a bound only', () => {
    const entry = {
      version: '1.2.3',
      hasProvenance: false,
      hasSignature: true,
      trustedPublisher: false,
      deprecated: false,
    };
    const versions = (publishedAt: string) => told(aHistory({ versions: [{ ...entry, publishedAt }] }));
    const bound = { at: NOW.toISOString(), from: 'modified' } as const;
    assertAnswer(
      minimumAge.ask(toldTime(bound, versions(AGO)), WEEK),
      'pass',
      /published 2026-11-15T12:00:00Z/,
    );
    assertAnswer(
      minimumAge.ask(toldTime(bound, versions(SHORT)), WEEK),
      'fail',
      /published 2026-11-15T12:00:01Z/,
    );
  });

  it('is unknown, and blames the clock, when a signed time lies in the future', () => {
    const answer = minimumAge.ask(logged('2027-01-01T00:00:00Z'), WEEK);
    assertAnswer(answer, 'unknown', /later than this machine's clock \(2026-11-22T12:00:00Z\)/);
    assert.match(answer.hint ?? '', /clock/);
    assertAnswer(minimumAge.ask(logged('2026-11-22T12:01:00Z'), WEEK), 'fail', /0 minutes ago/);
  });

  it('says when it will pass', () => {
    assert.match(minimumAge.ask(logged(SHORT), WEEK).hint ?? '', /wait until 2026-11-22T12:00:01Z/);
  });

  it('refuses a version the registry does not have, and is unknown when it could not be asked', () => {
    const none = {
      publish: { status: 'absent' },
      provenance: { status: 'absent' },
      history: NOT_ASKED,
    } as const;
    assertAnswer(
      minimumAge.ask(having({ ...none, manifest: { status: 'absent' } }), WEEK),
      'fail',
      /no such version/,
    );
    const unavailable = having({ ...none, manifest: { status: 'unavailable', reason: 'timed out' } });
    assertAnswer(minimumAge.ask(unavailable, WEEK), 'unknown', /timed out/);
  });

  it('skips what was never published', () => {
    for (const kind of ['workspace', 'link', 'file', 'git', 'remote', 'bundled'] as const) {
      assertAnswer(minimumAge.ask(from(kind), WEEK), 'skip', /own code|no publish time|inside the tarball/);
    }
  });
});

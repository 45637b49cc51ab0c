import { describe, it } from 'node:test';
import type { Subject } from '../../lib/checks/define.ts';
import { provenance } from '../../lib/checks/provenance.ts';
import type { ToldTime } from '../../lib/model/evidence.ts';
import { aManifest, aPublishAttestation, proved, told, without } from '../support/builders.ts';
import { assertAnswer, having } from './subjects.ts';

const options = { required: true, publishedAfter: '2026-01-01' };

function publishedWithout(publishedAt: ToldTime | undefined): Subject {
  return having({
    provenance: { status: 'absent' },
    publish: { status: 'absent' },
    manifest: told(
      publishedAt === undefined ? without(aManifest(), 'publishedAt') : aManifest({ publishedAt }),
    ),
    history: { status: 'notApplicable', reason: 'not asked for' },
  });
}

describe('provenance with publishedAfter', () => {
  const cases = [
    ['excuses a version told to be older', '2025-12-31T23:59:59Z', 'manifest', 'pass'],
    ['requires it of a version from that very moment', '2026-01-01T00:00:00Z', 'manifest', 'fail'],
    ['excuses a name last changed before', '2025-12-31T23:59:59Z', 'modified', 'pass'],
    [
      'requires it when the name changed later, whatever the version’s age',
      '2026-06-01T00:00:00Z',
      'modified',
      'fail',
    ],
    ['requires it when the time is no ISO 8601 time', '1', 'packument', 'fail'],
  ] as const;
  for (const [name, at, timeSource, kind] of cases) {
    it(name, () => {
      const answer = provenance.ask(publishedWithout({ at, from: timeSource }), options);
      assertAnswer(
        answer,
        kind,
        kind === 'pass' ? /published 2025-12-31T23:59:59Z .*before 2026-01-01/ : /no provenance/,
      );
    });
  }

  it('requires it when nobody tells the time', () =>
    assertAnswer(provenance.ask(publishedWithout(undefined), options), 'fail', /no provenance/));

  it('believes a logged publish more than what the registry tells', () => {
    const lying = having({
      provenance: { status: 'absent' },
      publish: proved(aPublishAttestation({ loggedAt: '2026-05-01T00:00:00Z' })),
      manifest: told(aManifest({ publishedAt: { at: '2020-01-01T00:00:00Z', from: 'manifest' } })),
    });
    assertAnswer(provenance.ask(lying, options), 'fail', /no provenance/);
  });

  it('fails refuted provenance of whatever age', () => {
    const subject = having({
      ...publishedWithout({ at: '2020-01-01T00:00:00Z', from: 'manifest' }).evidence,
      provenance: { status: 'refuted', reason: 'the subject is another package' },
    });
    assertAnswer(provenance.ask(subject, options), 'fail', /another package/);
  });
});

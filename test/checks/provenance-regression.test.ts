import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subject } from '../../lib/checks/define.ts';
import { provenanceRegression } from '../../lib/checks/provenance-regression.ts';
import type { Evidence, HistoryEntry } from '../../lib/model/evidence.ts';
import { aManifest, aPackage, told, without } from '../support/builders.ts';
import { assertAnswer, from, having } from './subjects.ts';

type Published = Partial<HistoryEntry> & { readonly version: string };
const MAJOR = { baseline: 'major' } as const;
const ALL = { baseline: 'all' } as const;
const PROVED = { hasProvenance: true };

/** `version` without provenance, in a history; the judged version is the last. */
function unproved(versions: readonly Published[], evidence: Partial<Evidence> = {}): Subject {
  const version = versions.at(-1)?.version ?? '1.2.3';
  const entry = { hasProvenance: false, hasSignature: true, trustedPublisher: false, deprecated: false };
  const pkg = aPackage({ id: { name: '@acme/lib', version } });
  return having(
    {
      publish: { status: 'absent' },
      provenance: { status: 'absent' },
      manifest: told(without(aManifest({}, pkg.id), 'publishedAt')),
      history: told({ versions: versions.map((published) => ({ ...entry, ...published })) }),
      ...evidence,
    },
    pkg,
  );
}

describe('provenance-regression', () => {
  it('passes a version from before there was provenance, signed with a key since retired, whatever came later', () => {
    const at = (from: string) =>
      ({
        manifest: told(aManifest({ publishedAt: { at: from, from: 'manifest' } })),
        history: { status: 'notApplicable', reason: 'not asked' },
      }) as const;
    const signed = (timeFrom: 'told' | 'unknown') =>
      ({ signature: { status: 'proved', value: { keyid: 'SHA256:old', timeFrom } } }) as const;
    const answerOf = (evidence: Partial<Evidence>) =>
      provenanceRegression.ask(unproved([{ version: '1.2.3' }], evidence), MAJOR).kind;
    assert.equal(answerOf({ ...at('2022-09-30T23:59:59Z'), ...signed('told') }), 'pass');
    assert.equal(answerOf({ ...at('2022-10-01T00:00:00Z'), ...signed('told') }), 'unknown');
    assert.equal(answerOf({ ...at('2022-09-30T23:59:59Z'), ...signed('unknown') }), 'unknown');
    const stripped = { provenance: { status: 'refuted', reason: 'stripped' } } as const;
    assert.equal(answerOf({ ...at('2022-09-30T23:59:59Z'), ...signed('told'), ...stripped }), 'unknown');
  });

  const cases = [
    [
      'refuses a version without the provenance of an earlier one',
      [{ version: '1.2.2', ...PROVED }, { version: '1.2.3' }],
      MAJOR,
      'fail',
    ],
    ['passes a package that never had any', [{ version: '1.2.2' }, { version: '1.2.3' }], MAJOR, 'pass'],
    ['passes a first version', [{ version: '1.2.3' }], MAJOR, 'pass'],
    [
      'counts earlier versions that a thief deprecated',
      [{ version: '1.2.2', ...PROVED, deprecated: true }, { version: '1.2.3' }],
      MAJOR,
      'fail',
    ],
    [
      'passes a backport by hand on an older major',
      [{ version: '2.0.0', ...PROVED }, { version: '1.2.3' }],
      MAJOR,
      'pass',
    ],
    [
      'passes a new major after an older one, with baseline major',
      [{ version: '1.2.2', ...PROVED }, { version: '2.0.0' }],
      MAJOR,
      'pass',
    ],
    ['refuses it with baseline all', [{ version: '1.2.2', ...PROVED }, { version: '2.0.0' }], ALL, 'fail'],
    ['takes 0.x for one line', [{ version: '0.30.3', ...PROVED }, { version: '0.31.0' }], MAJOR, 'fail'],
    [
      'does not hold provenance of prereleases against a stable release',
      [{ version: '1.3.0-beta.1', ...PROVED }, { version: '1.3.0' }],
      MAJOR,
      'pass',
    ],
    [
      'refuses a prerelease after proved prereleases',
      [{ version: '1.3.0-beta.1', ...PROVED }, { version: '1.3.0-beta.2' }],
      MAJOR,
      'fail',
    ],
    [
      'refuses the loss of a trusted publisher',
      [{ version: '1.2.2', trustedPublisher: true }, { version: '1.2.3' }],
      MAJOR,
      'fail',
    ],
    [
      'refuses a trusted publisher after provenance',
      [
        { version: '1.2.2', ...PROVED },
        { version: '1.2.3', trustedPublisher: true },
      ],
      MAJOR,
      'fail',
    ],
    [
      'passes a staged publish after a trusted publisher',
      [
        { version: '1.2.2', trustedPublisher: true },
        { version: '1.2.3', stagedPublish: true },
      ],
      MAJOR,
      'pass',
    ],
    [
      'passes a trusted publisher after a staged publish',
      [
        { version: '1.2.2', stagedPublish: true },
        { version: '1.2.3', trustedPublisher: true },
      ],
      MAJOR,
      'pass',
    ],
    [
      'refuses a plain publish after a staged one',
      [{ version: '1.2.2', stagedPublish: true }, { version: '1.2.3' }],
      MAJOR,
      'fail',
    ],
    [
      'passes a trusted publisher after a trusted publisher',
      [
        { version: '1.2.2', trustedPublisher: true },
        { version: '1.2.3', trustedPublisher: true },
      ],
      MAJOR,
      'pass',
    ],
  ] as const;
  for (const [name, versions, options, kind] of cases) {
    it(name, () =>
      assertAnswer(
        provenanceRegression.ask(unproved(versions), options),
        kind,
        kind === 'fail' ? /was published with .*, and this version with/ : /no earlier version/,
      ),
    );
  }

  const before = { version: '1.3.0', publishedAt: '2026-01-01T00:00:00Z', ...PROVED };
  it('goes by publish time where times are told: a lower number is no way around', () => {
    const later = { version: '1.2.9', publishedAt: '2026-01-02T00:00:00Z' };
    assertAnswer(
      provenanceRegression.ask(unproved([before, later]), MAJOR),
      'fail',
      /1\.3\.0 was published with provenance/,
    );
    const earlier = { version: '1.2.9', publishedAt: '2025-12-31T00:00:00Z' };
    assertAnswer(
      provenanceRegression.ask(unproved([before, earlier]), MAJOR),
      'pass',
      /no earlier version in line 1/,
    );
  });

  const day = (number: number): string => new Date(Date.UTC(2026, 0, number)).toISOString();
  const tell = (versions: readonly Published[], options = MAJOR, evidence: Partial<Evidence> = {}) =>
    provenanceRegression.ask(unproved(versions, evidence), options);

  describe('former false alarms', () => {
    it('is no backport on an older major, by hand, after the newest had provenance', () =>
      assertAnswer(
        tell([
          { version: '6.3.0', publishedAt: day(1) },
          { version: '7.5.0', publishedAt: day(10), ...PROVED },
          { version: '6.3.1', publishedAt: day(20) },
        ]),
        'pass',
        /no earlier version in line 6/,
      ));

    it('is no backport on an older minor below 1.0, and the next minor is none', () => {
      const versions = [
        { version: '0.30.0', publishedAt: day(1) },
        { version: '0.31.0', publishedAt: day(10), ...PROVED },
      ];
      assertAnswer(
        tell([...versions, { version: '0.30.1', publishedAt: day(20) }]),
        'pass',
        /no earlier version/,
      );
      assertAnswer(
        tell([...versions, { version: '0.32.0', publishedAt: day(20) }]),
        'fail',
        /0\.31\.0 was published with/,
      );
    });

    it('is no alpha by hand after a numbered prerelease or a stable release with provenance', () => {
      assertAnswer(
        tell([{ version: '4.0.0-0', ...PROVED }, { version: '4.0.0-alpha.1' }]),
        'pass',
        /no earlier version/,
      );
      assertAnswer(
        tell([{ version: '4.0.0', ...PROVED }, { version: '4.1.0-alpha.1' }]),
        'pass',
        /no earlier version/,
      );
      assertAnswer(
        tell([{ version: '4.0.0-alpha.1', ...PROVED }, { version: '4.0.0-alpha.2' }]),
        'fail',
        /4\.0\.0-alpha\.1/,
      );
    });

    it('is no provenance without a trusted publisher, after one', () => {
      const { history } = unproved([
        { version: '6.4.0', trustedPublisher: true, ...PROVED },
        { version: '6.4.1' },
      ]).evidence;
      assertAnswer(provenanceRegression.ask(having({ history }), MAJOR), 'pass', /has provenance/);
    });

    it('is no staged publish whose provenance the registry lost, and a plain publish in its place is one', () => {
      const before = { version: '1.2.0', trustedPublisher: true, ...PROVED };
      assertAnswer(
        tell([before, { version: '1.2.1', stagedPublish: true }]),
        'pass',
        /approved by a maintainer/,
      );
      assertAnswer(tell([before, { version: '1.2.1' }]), 'fail', /1\.2\.0 was published with provenance/);
    });

    it('is no release that replaces a deprecated or an unpublished one, and by hand in its place is one', () => {
      const bad = {
        version: '1.2.1',
        publishedAt: day(10),
        trustedPublisher: true,
        ...PROVED,
        deprecated: true,
      };
      const first = { version: '1.2.0', publishedAt: day(1) };
      assertAnswer(tell([first, { version: '1.2.2', publishedAt: day(11) }]), 'pass', /no earlier version/);
      assertAnswer(
        tell([first, bad, { version: '1.2.2', publishedAt: day(11) }]),
        'fail',
        /1\.2\.1 was published with/,
      );
    });

    it('is no version of a mirror that imported everything at one moment', () => {
      const at = { publishedAt: day(5) };
      assertAnswer(
        tell([
          { version: '1.3.0', ...at, ...PROVED },
          { version: '1.2.0', ...at },
        ]),
        'pass',
        /no earlier/,
      );
      assertAnswer(
        tell([
          { version: '1.1.0', ...at, ...PROVED },
          { version: '1.2.0', ...at },
        ]),
        'fail',
        /1\.1\.0/,
      );
    });

    it('is no version whose time is missing, when its number says that it is older', () => {
      assertAnswer(
        tell([{ version: '1.3.0', publishedAt: day(1), ...PROVED }, { version: '1.2.0' }]),
        'pass',
        /no earlier/,
      );
      assertAnswer(
        tell([{ version: '1.1.0', publishedAt: day(1), ...PROVED }, { version: '1.2.0' }]),
        'fail',
        /1\.1\.0/,
      );
    });
  });

  describe('histories without times of publishing', () => {
    const adopted = [
      { version: '1.3.0' },
      { version: '1.3.1' },
      { version: '1.2.9', ...PROVED },
      { version: '1.4.0', ...PROVED },
    ];
    const judge = (version: string, versions: readonly Published[], at?: string) =>
      tell([
        ...versions.filter((published) => published.version !== version),
        {
          ...versions.find((published) => published.version === version),
          version,
          ...(at ? { publishedAt: at } : {}),
        },
      ]);

    it('leave open whether an older minor with proof was mended since', () => {
      assertAnswer(judge('1.3.0', adopted), 'unknown', /1\.2\.9 was published with provenance, but no time/);
      assertAnswer(judge('1.2.10', adopted), 'fail', /1\.2\.9 was published with provenance, and this/);
    });

    it('do not excuse the highest number of a line, which most ranges pick', () => {
      const untilThen = adopted.filter(({ version }) => version !== '1.4.0');
      assertAnswer(judge('1.4.0', untilThen), 'fail', /1\.2\.9 was published with/);
    });

    it('do not excuse provenance that was refuted', () => {
      const refuted = { provenance: { status: 'refuted', reason: 'stripped' } } as const;
      const [judged, ...others] = adopted;
      assert.ok(judged);
      assertAnswer(tell([...others, judged], MAJOR, refuted), 'fail', /1\.2\.9 was published with/);
    });

    // Patches in any order: when a mirror fetched each of them.
    const copied = [
      { version: '1.2.0', publishedAt: day(40), ...PROVED },
      { version: '1.2.1', publishedAt: day(20), ...PROVED },
      { version: '1.2.2', publishedAt: day(30), ...PROVED },
      { version: '1.2.3', publishedAt: day(10), ...PROVED },
      { version: '1.1.0' },
    ];

    it('are also those that tell when a mirror fetched its copies', () => {
      assertAnswer(judge('1.1.0', copied, day(50)), 'pass', /no earlier version in line 1/);
      assertAnswer(judge('1.2.4', copied, day(5)), 'fail', /1\.2\.0 was published with/);
    });

    it('are not those where one pair alone is out of order', () => {
      const once = copied.filter(({ version }) => version !== '1.2.3' && version !== '1.2.2');
      assertAnswer(judge('1.1.0', once, day(50)), 'fail', /1\.2\.0 was published with/);
    });

    it('are not made by a thief, whose releases have not stood for thirty days', () => {
      const proved = Array.from({ length: 6 }, (_, n) => ({
        version: `1.${n + 2}.5`,
        publishedAt: day(n + 1),
        ...PROVED,
      }));
      const planted = proved.map(({ version }, n) => ({
        version: version.replace(/5$/, '4'),
        publishedAt: day(60 + n),
      }));
      assertAnswer(judge('1.1.9', [...proved, ...planted], day(70)), 'fail', /1\.2\.5 was published with/);
      // Had they stood, the project would have seen them: the same times, judged a month later.
      assertAnswer(judge('1.1.9', [...proved, ...planted], day(100)), 'pass', /no earlier version/);
    });
  });

  describe('a project that gave up provenance', () => {
    const line = (between: Partial<HistoryEntry>, last = day(60)): readonly Published[] => [
      { version: '1.0.0', publishedAt: day(1), ...PROVED },
      { version: '1.0.1', publishedAt: day(10), ...between },
      { version: '1.0.2', publishedAt: last },
    ];

    it('passes once a release without it has stood for thirty days', () =>
      assertAnswer(
        tell(line({})),
        'pass',
        /1\.0\.0 was published with provenance, but .* without since 1\.0\.1/,
      ));

    it('is still a regression on the thirtieth day but one second', () => {
      assertAnswer(tell(line({}, day(40))), 'pass', /without since/);
      const early = new Date(Date.parse(day(40)) - 1000).toISOString();
      assertAnswer(tell(line({}, early)), 'fail', /1\.0\.0 was published with/);
    });

    it('is still a regression when the release in between was deprecated, or its time is not told', () => {
      assertAnswer(tell(line({ deprecated: true })), 'fail', /1\.0\.0 was published with/);
      const [first, between, last] = line({});
      assert.ok(first && between && last);
      assertAnswer(
        tell([first, without(between, 'publishedAt'), last]),
        'fail',
        /1\.0\.0 was published with/,
      );
    });

    it('is still a regression when the releases without it are older than the last one with it', () => {
      const versions = [
        { version: '1.0.0', publishedAt: day(1) },
        { version: '1.0.1', publishedAt: day(10), ...PROVED },
        { version: '1.0.2', publishedAt: day(90) },
      ];
      assertAnswer(tell(versions), 'fail', /1\.0\.1 was published with/);
    });

    it('is still a regression on a newer minor when it was an older one that was mended without', () => {
      const mended = { version: '1.0.9', publishedAt: day(20) };
      const newer = { version: '1.1.0', publishedAt: day(10), ...PROVED };
      assertAnswer(
        tell([
          { version: '1.0.0', publishedAt: day(1) },
          newer,
          mended,
          { version: '1.1.1', publishedAt: day(60) },
        ]),
        'fail',
        /1\.1\.0 was published with/,
      );
      assertAnswer(
        tell([
          { version: '1.0.0', publishedAt: day(1) },
          newer,
          mended,
          { version: '1.0.10', publishedAt: day(60) },
        ]),
        'pass',
        /without since 1\.0\.9/,
      );
    });

    it('is a regression where provenance was announced and did not hold', () => {
      const refuted = { provenance: { status: 'refuted', reason: 'stripped' } } as const;
      assertAnswer(tell(line({}), MAJOR, refuted), 'fail', /1\.0\.0 was published with/);
    });
  });

  it('says that what it rests on was told', () =>
    assertAnswer(
      tell([{ version: '1.2.2', ...PROVED }, { version: '1.2.3' }]),
      'fail',
      /so the registry tells/,
    ));

  it('passes proved provenance without asking for history', () => {
    const history = { status: 'notApplicable', reason: 'not asked' } as const;
    assertAnswer(provenanceRegression.ask(having({ history }), MAJOR), 'pass', /has provenance/);
    assertAnswer(
      provenanceRegression.ask(having({ history, provenance: { status: 'absent' } }), MAJOR),
      'unknown',
      /not asked/,
    );
  });

  it('does not take the word of the registry for provenance that was refuted', () => {
    const versions = [
      { version: '1.2.2', ...PROVED },
      { version: '1.2.3', ...PROVED },
    ];
    const subject = unproved(versions, { provenance: { status: 'refuted', reason: 'stripped' } });
    assertAnswer(provenanceRegression.ask(subject, MAJOR), 'fail', /this version with no proof/);
  });

  it('is unknown, never a regression, when something could not be asked', () => {
    const unavailable = { status: 'unavailable', reason: 'timed out' } as const;
    const versions = [{ version: '1.2.2', ...PROVED }, { version: '1.2.3' }];
    assertAnswer(
      provenanceRegression.ask(unproved(versions, { history: unavailable }), MAJOR),
      'unknown',
      /timed out/,
    );
    assertAnswer(
      provenanceRegression.ask(unproved(versions, { provenance: unavailable }), MAJOR),
      'unknown',
      /timed out/,
    );
    assertAnswer(
      provenanceRegression.ask(unproved(versions, { history: { status: 'absent' } }), MAJOR),
      'unknown',
      /no history/,
    );
    assertAnswer(
      provenanceRegression.ask(unproved([{ version: '1.2.3', ...PROVED }, { version: '1.2.4beta' }]), MAJOR),
      'unknown',
      /no version number/,
    );
    assertAnswer(
      provenanceRegression.ask(unproved([{ version: '1.2.3' }, { version: '1.2.4beta' }]), MAJOR),
      'pass',
      /nor has any/,
    );
  });

  it('skips what has no published history', () => {
    for (const kind of ['workspace', 'link', 'file', 'git', 'remote', 'bundled'] as const) {
      assertAnswer(
        provenanceRegression.ask(from(kind), MAJOR),
        'skip',
        /own code|no published history|inside/,
      );
    }
  });
});

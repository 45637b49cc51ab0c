/** A folder of evidence in the hands of an attacker: it may make npmsign refuse, never accept. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Entry } from '../../lib/carry/format.ts';
import { aCase, aWorld, type Case, type World } from '../attacks/world.ts';
import { startRegistry } from '../support/registry/index.ts';
import { createSigstore, keysTargetJson } from '../support/sigstore/index.ts';
import { createTufRepository } from '../support/sigstore/tuf.ts';
import { sigstoreTargets, startTufServer } from '../support/sigstore/tuf-server.ts';
import { aTempDirectory } from '../support/temp.ts';
import { exported, judgedBy, type Tampered, tampered } from './world.ts';

const DAY = 24 * 3_600_000;
const STRICT = { checks: { provenance: 'error', 'registry-signature': 'error' } };

type Json = { [name: string]: Json } & { dist: Json };
/** Alters what an answer says, and makes the index fit. */
function altered(folder: Tampered, entry: ReturnType<Tampered['entry']>, change: (json: Json) => void): void {
  const json = JSON.parse(textOf(folder, entry)) as Json; // Written by npmsign a moment ago.
  change(json);
  folder.rewrite(entry, JSON.stringify(json));
}

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}

function withoutAttestations({ sha256, ...entry }: Entry): Entry {
  return entry.kind === 'attestations' || sha256 === undefined ? entry : { ...entry, sha256 };
}

function textOf(folder: Tampered, entry: ReturnType<Tampered['entry']>): string {
  return readText(folder.fileOf(entry));
}

describe('a folder of evidence that somebody wrote in', () => {
  let world: World;
  let found: Case;
  let folder: string;
  before(async () => {
    world = await aWorld();
    const { registry } = world;
    const packages = ['good', 'other'].map((name) =>
      registry.publish({ name, version: '1.0.0', at: world.daysAgo(40), attest: {} }),
    );
    found = aCase(world, {
      packages,
      policy: STRICT,
    });
    folder = await exported(world, found);
  });
  after(() => world.close());

  it('is accepted as long as nobody does', async () => {
    const judged = await judgedBy(world, { found, folder });
    assert.deepEqual([judged.code, judged.refusals], [0, []], judged.stderr);
  });

  const answers: readonly (readonly [string, (carried: Tampered) => void, string, RegExp])[] = [
    [
      'an answer cut short',
      (carried) => truncateSync(carried.fileOf(carried.entry('manifest', 'good')), 40),
      'good registry-signature',
      /is not the file its index lists/,
    ],
    [
      'an answer cut short, and the index made to fit',
      (carried) => {
        const entry = carried.entry('manifest', 'good');
        carried.rewrite(entry, textOf(carried, entry).slice(0, 40));
      },
      'good registry-signature',
      /is not valid JSON/,
    ],
    [
      'an answer about another package in its place',
      (carried) =>
        carried.rewrite(
          carried.entry('manifest', 'good'),
          textOf(carried, carried.entry('manifest', 'other')),
        ),
      'good registry-signature',
      /asked about good@1\.0\.0, it answered about other@1\.0\.0/,
    ],
    [
      "another package's attestations in its place",
      (carried) =>
        carried.rewrite(
          carried.entry('attestations', 'good'),
          textOf(carried, carried.entry('attestations', 'other')),
        ),
      'good provenance',
      /the statement is about another package or version/,
    ],
    [
      'a version nobody published',
      (carried) =>
        altered(carried, carried.entry('manifest', 'good'), (json) =>
          Object.assign(json, { version: '1.0.1' }),
        ),
      'good registry-signature',
      /asked about good@1\.0\.0/,
    ],
    [
      'the signature taken out',
      (carried) =>
        altered(carried, carried.entry('manifest', 'good'), ({ dist }) => delete dist['signatures']),
      'good registry-signature',
      /^stripped: the public npm registry signs every version/,
    ],
    [
      "another version's signature",
      (carried) => {
        const other = JSON.parse(textOf(carried, carried.entry('manifest', 'other'))) as Json;
        altered(carried, carried.entry('manifest', 'good'), ({ dist }) =>
          Object.assign(dist, { signatures: other.dist['signatures'] }),
        );
      },
      'good registry-signature',
      /./,
    ],
    [
      'the integrity rewritten',
      (carried) =>
        altered(carried, carried.entry('manifest', 'good'), ({ dist }) =>
          Object.assign(dist, { integrity: `sha512-${Buffer.alloc(64, 7).toString('base64')}` }),
        ),
      'good lockfile-integrity',
      /./,
    ],
    [
      'attestations said to be missing that are announced',
      (carried) =>
        carried.reindex((index) => ({ ...index, answers: index.answers.map(withoutAttestations) })),
      'good provenance',
      /^stripped/,
    ],
    [
      'no attestation announced',
      (carried) =>
        altered(carried, carried.entry('manifest', 'good'), ({ dist }) => delete dist['attestations']),
      'good provenance',
      /announces no attestation/,
    ],
    [
      'an answer that is not listed',
      (carried) =>
        carried.reindex((index) => ({
          ...index,
          answers: index.answers.filter(({ url }) => !url.includes('attestations/good')),
        })),
      'good provenance',
      /the evidence folder has no answer of it/,
    ],
    [
      'everything said to be missing',
      (carried) =>
        carried.reindex((index) => ({
          ...index,
          answers: index.answers.map(({ kind, url, takenAt }) => ({ kind, url, takenAt })),
        })),
      'good registry-signature',
      /./,
    ],
    [
      'bytes that are no UTF-8',
      (carried) => {
        const entry = carried.entry('manifest', 'good');
        carried.rewrite(entry, textOf(carried, entry));
        writeFileSync(carried.fileOf(entry), Buffer.from([0x7b, 0xff, 0x7d]));
        carried.refit(entry);
      },
      'good registry-signature',
      /is not UTF-8/,
    ],
    [
      'a giant file',
      (carried) => truncateSync(carried.fileOf(carried.entry('manifest', 'good')), 2 ** 33),
      'good registry-signature',
      /is larger than/,
    ],
    [
      'a link to an answer',
      (carried) => {
        const file = carried.fileOf(carried.entry('manifest', 'good'));
        renameSync(file, `${file}.moved`);
        symlinkSync(`${file}.moved`, file);
      },
      'good registry-signature',
      /is a symbolic link/,
    ],
    [
      'a link to all answers',
      (carried) => {
        const answersFolder = path.join(carried.folder, 'answers');
        renameSync(answersFolder, `${answersFolder}.moved`);
        symlinkSync(`${answersFolder}.moved`, answersFolder, 'junction');
      },
      'good registry-signature',
      /is not in a folder of its own/,
    ],
    [
      'no answers at all',
      (carried) => rmSync(path.join(carried.folder, 'answers'), { recursive: true }),
      'good registry-signature',
      /cannot be read \(ENOENT\)/,
    ],
  ];
  for (const [what, spoil, refusal, because] of answers) {
    it(`${what}: refused, and nobody is asked instead`, async () => {
      const carried = tampered(folder);
      spoil(carried);
      const judged = await judgedBy(world, { found, folder: carried.folder });
      assert.ok([1, 3].includes(judged.code), judged.stderr);
      assert.ok(judged.refusals.includes(refusal), judged.refusals.join());
      assert.match(judged.because(refusal), because);
    });
  }

  const indexes: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    ['cut short', (text) => text.slice(0, -9), /is not a JSON object/],
    ['empty', () => '', /is not a JSON object/],
    [
      'of a later form',
      (text) => text.replace('"schema": 1', '"schema": 2'),
      /has schema 2; this npmsign reads 1/,
    ],
    [
      'with a key twice',
      (text) => text.replace('"schema": 1,', '"schema": 1,\n  "schema": 1,'),
      /is not in the form/,
    ],
    [
      'with an answer twice',
      (text) => text.replace(/( {4}\{"kind":"manifest".*\}),/, '$1,\n$1,'),
      /lists an answer twice/,
    ],
    [
      'that leads elsewhere',
      (text) => text.replace('{"kind"', '{"file":"../../../etc/passwd","kind"'),
      /is not in the form/,
    ],
    [
      'of a strange kind',
      (text) => text.replace('"kind":"manifest"', '"kind":"../manifest"'),
      /lists an answer that is none/,
    ],
    [
      'with a digest that is none',
      (text) => text.replace(/"sha256":"../, '"sha256":"zz'),
      /lists an answer that is none/,
    ],
    [
      'with a date that is none',
      (text) => text.replace(/"takenAt":"2026/, '"takenAt":"\\u001b[31m2026'),
      /lists an answer that is none/,
    ],
  ];
  for (const [what, change, message] of indexes) {
    it(`an index ${what} is an error that says so`, async () => {
      const carried = tampered(folder);
      const file = path.join(carried.folder, 'evidence.json');
      const text = change(readText(file));
      assert.notEqual(text, readText(file));
      writeFileSync(file, text);
      const judged = await judgedBy(world, { found, folder: carried.folder });
      assert.deepEqual([judged.code, judged.effect], [3, 'error'], judged.stderr);
      assert.match(judged.stderr, message);
    });
  }

  it('a folder that is not there, or holds no index, is asked for wrongly', async () => {
    for (const place of ['nowhere', aTempDirectory('no-evidence')]) {
      const judged = await judgedBy(world, { found, folder: place });
      assert.deepEqual([judged.code, judged.effect], [2, 'error'], judged.stderr);
      assert.match(judged.stderr, /npmsign bundle -o/);
    }
  });

  it('answers of one registry are none of another', async (t) => {
    const otherWorld = await aWorld({ sigstore: world.registry.sigstore });
    t.after(() => otherWorld.close());
    const same = { name: 'good', version: '1.0.0', at: world.daysAgo(40), attest: {} };
    const there = aCase(otherWorld, { packages: [otherWorld.registry.publish(same)], policy: STRICT });
    assert.equal((await there.judge()).code, 0);
    const judged = await judgedBy(otherWorld, { found: there, folder });
    assert.equal(judged.code, 3, judged.stderr);
    assert.match(judged.because('good provenance'), /the evidence folder has no answer of it/);
  });

  it('what is only told can be made up, and then the report says whose word it is', async () => {
    const one = world.registry.publish({ name: 'fresh', version: '1.0.0', at: world.hoursAgo(1) });
    const fresh = aCase(world, { packages: [one] });
    const carried = tampered(await exported(world, fresh));
    assert.deepEqual((await judgedBy(world, { found: fresh, folder: carried.folder })).refusals, [
      'fresh minimum-age',
    ]);
    const stamp = `tmp/fresh_1.0.0_${world.daysAgo(90).getTime()}_0.5`;
    altered(carried, carried.entry('manifest', 'fresh'), (json) =>
      Object.assign(json, { _npmOperationalInternal: { tmp: stamp } }),
    );
    const judged = await judgedBy(world, { found: fresh, folder: carried.folder });
    assert.deepEqual(judged.refusals, []);
    const notices = judged.report().notices.map(({ code, message }) => `${code} ${message}`);
    assert.match(
      notices.join('\n'),
      /EVIDENCE_CARRIED .*publish times.*as true as whoever carried the folder/,
    );
  });
});

describe("a registry's own keys", () => {
  it('prove nothing when they were carried, theirs or anybody’s; named in the policy, they do', async (t) => {
    const world = await aWorld({ identity: 'own' });
    t.after(() => world.close());
    const packages = [world.registry.publish({ name: 'lib', version: '1.0.0', at: world.daysAgo(40) })];
    const own = aCase(world, {
      packages,
      policy: {
        ...STRICT,
        checks: { 'registry-signature': 'error' },
        registries: { [world.registry.url]: {} },
      },
    });
    assert.equal((await own.judge()).code, 0);
    const folder = await exported(world, own);
    const refused = await judgedBy(world, { found: own, folder });
    assert.deepEqual([refused.code, refused.refusals], [3, ['lib registry-signature']]);
    assert.match(refused.because('lib registry-signature'), /name them in the policy/);

    const mallory = createSigstore('mallory');
    const forger = await startRegistry({ sigstore: mallory });
    t.after(() => forger.close());
    const carried = tampered(folder);
    carried.rewrite(carried.entry('keys', ''), JSON.stringify(keysTargetJson(mallory.registryKeys.all)));
    assert.equal((await judgedBy(world, { found: own, folder: carried.folder })).code, 3);

    const named = { registries: { [world.registry.url]: { keys: './registry-keys.json' } } };
    const pinned = aCase(world, {
      packages,
      policy: { checks: { 'registry-signature': 'error' }, ...named },
    });
    const proved = await judgedBy(world, { found: pinned, folder });
    assert.deepEqual([proved.code, proved.refusals], [0, []], proved.stderr);
    assert.equal(proved.report().summary.signatures['proved'], 1);
  });
});

describe('a carried trust root', () => {
  async function aPrivateWorld(t: { readonly after: (work: () => Promise<void>) => void }) {
    const world = await aWorld();
    t.after(() => world.close());
    const tuf = await startTufServer(world.registry.sigstore);
    t.after(() => tuf.close());
    const packages = [
      world.registry.publish({ name: 'lib', version: '1.0.0', at: world.daysAgo(40), attest: {} }),
    ];
    const found = aCase(world, {
      packages,
      policy: { ...STRICT, trust: { root: { tuf: tuf.url, root: './root.json' }, refresh: 'always' } },
      files: { 'root.json': tuf.trustedRoot.toString('utf8') },
    });
    return { world, tuf, found, folder: await exported(world, found) };
  }

  const trustFile = (folder: string): string => path.join(folder, 'trust.json');

  it('that an attacker signed is not used, and without another there is none', async (t) => {
    const { world, found, folder } = await aPrivateWorld(t);
    const mallory = await startTufServer(createSigstore('mallory'));
    t.after(() => mallory.close());
    const forged = aCase(world, {
      packages: [],
      policy: { trust: { root: { tuf: mallory.url, root: './root.json' }, refresh: 'always' } },
      files: { 'root.json': mallory.trustedRoot.toString('utf8') },
    });
    const carried = tampered(folder);
    const lie = readText(trustFile(await exported(world, forged)));
    carried.retrust(lie);
    const judged = await judgedBy(world, { found, folder: carried.folder });
    assert.deepEqual([judged.code, judged.effect], [3, 'error']);
    assert.match(judged.stderr, /\[TRUST_ROOT_UNAVAILABLE\]/);
  });

  it('that is older than the one this machine knows is passed over', async (t) => {
    const { world, tuf, found, folder } = await aPrivateWorld(t);
    const { sigstore } = world.registry;
    tuf.serve(createTufRepository({ name: sigstore.name, version: 2, targets: sigstoreTargets(sigstore) }));
    const home = aTempDirectory('home');
    assert.equal((await found.judge({ home })).code, 0);
    const older = JSON.parse(readText(trustFile(folder))) as { readonly refreshedAt: string };
    const carried = tampered(folder);
    carried.retrust(JSON.stringify({ ...older, refreshedAt: world.now.toISOString() }));
    world.registry.forgetRequests();
    const now = new Date(world.now.getTime() + 3 * DAY);
    const judged = await found.judge({ home, now, flags: ['--evidence', carried.folder] });
    assert.deepEqual([judged.code, judged.report().trust.ageDays], [0, 3], judged.stderr);
    assert.equal(world.registry.requests.length, 0);
  });

  it('tells its age by what is signed, whatever it says of itself', async (t) => {
    const { world, found, folder } = await aPrivateWorld(t);
    // The minted metadata is signed until 2040.
    const now = new Date('2041-01-01T00:00:00Z');
    const told = JSON.parse(readText(trustFile(folder))) as object;
    const carried = tampered(folder);
    carried.retrust(JSON.stringify({ ...told, refreshedAt: now.toISOString() }));
    const judged = await judgedBy(world, { found, folder: carried.folder, now });
    assert.equal(judged.report().trust.ageDays, 366);
    assert.ok(judged.report().notices.some(({ code }) => code === 'TRUST_ROOT_OLD'));
  });

  it('that is not the file its index lists is not used either', async (t) => {
    const { world, found, folder } = await aPrivateWorld(t);
    const carried = tampered(folder);
    writeFileSync(trustFile(carried.folder), '{}');
    assert.equal((await judgedBy(world, { found, folder: carried.folder })).code, 3);
    const whole = path.join(aTempDirectory('whole'), 'evidence');
    cpSync(folder, whole, { recursive: true });
    assert.equal((await judgedBy(world, { found, folder: whole })).code, 0);
  });
});

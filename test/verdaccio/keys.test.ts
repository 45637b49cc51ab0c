/** Tests of the registry's keys: how they are made, replaced, ended, and refused. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseRegistryKeys, verifyRegistrySignature } from '../../lib/sigstore/index.ts';
import { type KeySettings, openKeyStore } from '../../lib/verdaccio/keys.ts';
import { anIntegrity } from '../support/builders.ts';
import { NOW } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Keys in a folder of their own, at {@link NOW} plus some days. */
function settings(directory: string, days = 0): KeySettings {
  const clock = () => new Date(NOW.getTime() + days * DAY);
  return { directory, rotateKeyAfterDays: 30, clock, platform: process.platform };
}

describe('the key store', () => {
  it('makes one key, and finds it again', () => {
    const directory = join(aTempDirectory('keys'), 'below');
    const [first] = openKeyStore(settings(directory)).published();
    assert.deepEqual(openKeyStore(settings(directory, 29)).published(), [first]);
    assert.equal(first?.expires, null);
  });

  it('signs so that a consumer finds the signature valid', async () => {
    const store = openKeyStore(settings(aTempDirectory('keys')));
    const [id, integrity] = [{ name: '@acme/lib', version: '1.2.3' }, anIntegrity()];
    const keys = parseRegistryKeys({ keys: store.published() });
    const proof = (message: string) =>
      verifyRegistrySignature({ id, integrity, signatures: [store.sign(message)], keys });
    assert.equal((await proof(`@acme/lib@1.2.3:${integrity.text}`)).status, 'proved');
    assert.equal((await proof(`@acme/lib@1.2.4:${integrity.text}`)).status, 'refuted');
  });

  it('replaces a key at its age, while running too, and ends the old one an hour later', () => {
    const directory = aTempDirectory('keys');
    const time = { days: 0 };
    const store = openKeyStore({
      ...settings(directory),
      clock: () => new Date(NOW.getTime() + time.days * DAY),
    });
    const old = store.sign('message').keyid;
    time.days = 29.99;
    assert.equal(store.sign('message').keyid, old);
    time.days = 30;
    const young = store.sign('message').keyid;
    assert.notEqual(young, old);
    const ends = new Date(NOW.getTime() + 30 * DAY + 60 * 60 * 1000).toISOString();
    assert.deepEqual(
      store.published().map(({ keyid, expires }) => [keyid, expires]),
      [
        [young, null],
        [old, ends],
      ],
    );
  });

  it('follows a key that was ended by hand by another, and says when it ended', () => {
    const directory = aTempDirectory('keys');
    const { keyid } = openKeyStore(settings(directory)).sign('message');
    const expires = new Date(NOW.getTime() - DAY).toISOString();
    change(directory, (stored) => ({ ...stored, expires }));
    const store = openKeyStore(settings(directory));
    assert.notEqual(store.sign('message').keyid, keyid);
    assert.equal(store.published().find((key) => key.keyid === keyid)?.expires, expires);
  });

  const broken: readonly (readonly [string, (stored: Stored) => unknown])[] = [
    ['has no private key', ({ created }) => ({ created })],
    ['has no time', ({ privateKey }) => ({ privateKey })],
    ['ends at no time', (stored) => ({ ...stored, expires: 'soon' })],
    ['is a list', () => []],
  ];
  for (const [what, damage] of broken) {
    it(`refuses a key file that ${what}, and names it`, () => {
      const directory = aTempDirectory('keys');
      openKeyStore(settings(directory));
      change(directory, damage);
      assert.throws(() => openKeyStore(settings(directory)), {
        code: 'SERVER_KEYS',
        message: /\.json cannot be used/,
      });
    });
  }

  const isPosix = process.platform !== 'win32';
  const modes: readonly (readonly [string, (directory: string, file: string) => void, RegExp])[] = [
    [
      'folder others can read',
      (directory) => chmodSync(directory, 0o750),
      /open to other users \(mode 750\)/,
    ],
    ['key others can read', (_directory, file) => chmodSync(file, 0o640), /open to other users \(mode 640\)/],
    [
      'link in place of a key',
      (directory, file) => symlinkSync(file, join(directory, 'z.json')),
      /is not a file/,
    ],
  ];
  for (const [what, change, message] of modes) {
    it(`refuses a ${what}`, { skip: !isPosix }, () => {
      const directory = join(aTempDirectory('keys'), 'own');
      mkdirSync(directory, { mode: 0o700 });
      openKeyStore(settings(directory));
      change(directory, join(directory, readdirSync(directory)[0] ?? ''));
      assert.throws(() => openKeyStore(settings(directory)), { code: 'SERVER_KEYS', message });
    });
  }
});

type Stored = { readonly created: string; readonly privateKey: string };

function change(directory: string, how: (stored: Stored) => unknown): void {
  const file = join(directory, readdirSync(directory)[0] ?? '');
  writeFileSync(file, JSON.stringify(how(JSON.parse(readFileSync(file, 'utf8')))), { mode: 0o600 });
}

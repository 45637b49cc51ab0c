/**
 * What a program does that takes the documentation of `sigstore` at its word: fetch with Node's own `fetch`, twenty packages at a time as
 * npm does, and call the library once for every bundle. `node naive.mjs <project> <registry> <folder for the TUF cache>`
 */
import { createVerify } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { verify } from 'sigstore';

const [project = '', registry = '', cache = ''] = process.argv.slice(2);
const count = { signatures: 0, attested: 0 };
const { keys } = await ask('-/npm/v1/keys');
const pems = new Map(
  keys.map(({ keyid, key }) => [keyid, `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----`]),
);
const trust = await trustFrom(`${registry}tuf`);

const queue = pinned().entries();
// The first bundle fills the library's TUF cache; two that fill it at once may read half a file.
for (const one of queue) {
  await verifyOne(one);
  if (count.attested > 0) break;
}
const worker = async () => {
  for (const one of queue) await verifyOne(one);
};
await Promise.all(Array.from({ length: 20 }, worker));
process.stdout.write(`${JSON.stringify(count)}\n`);

async function verifyOne([spec, { name, version, integrity }]) {
  const { dist } = await ask(`${name.replace('/', '%2f')}/${version}`);
  for (const { keyid, sig } of dist.signatures) {
    const verifier = createVerify('SHA256').update(`${spec}:${integrity}`);
    if (!verifier.verify(pems.get(keyid), sig, 'base64')) throw new Error(`${spec} has a wrong signature.`);
    count.signatures++;
  }
  if (dist.attestations === undefined) return;
  const { attestations } = await ask(`-/npm/v1/attestations/${name.replace('/', '%2f')}@${version}`);
  for (const { bundle } of attestations)
    await verify(bundle, { ...trust, keySelector: (hint) => pems.get(hint) });
  count.attested++;
}

async function trustFrom(mirror) {
  mkdirSync(cache, { recursive: true });
  const rootPath = path.join(cache, 'first-root.json');
  const root = await fetch(`${mirror}/1.root.json`);
  writeFileSync(rootPath, Buffer.from(await root.arrayBuffer()));
  return { tufMirrorURL: mirror, tufRootPath: rootPath, tufCachePath: cache, tufForceCache: true };
}

function pinned() {
  const { packages } = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8'));
  const versions = new Map();
  for (const [
    key,
    { name = key.slice(key.lastIndexOf('node_modules/') + 13), version, integrity },
  ] of Object.entries(packages))
    if (integrity !== undefined) versions.set(`${name}@${version}`, { name, version, integrity });
  return versions;
}

async function ask(at) {
  const response = await fetch(`${registry}${at}`);
  if (!response.ok) throw new Error(`${at} was answered with ${response.status}.`);
  return response.json();
}

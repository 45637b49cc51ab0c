/**
 * The floor: the least any program must do to verify this tree. It fetches the same answers over 64 connections and makes the same bare
 * `node:crypto` verifications; it judges nothing, survives nothing, and believes whatever it is not asked to verify.
 * `node floor.mjs <project> <registry> <cache file> cold|warm`
 */
import { createPublicKey, verify as holds, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import process from 'node:process';
import { gunzipSync } from 'node:zlib';

type Manifest = {
  readonly dist: {
    readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
    readonly attestations?: object;
  };
};
type Entry = {
  readonly integratedTime: string;
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly canonicalizedBody: string;
  readonly inclusionPromise: { readonly signedEntryTimestamp: string };
  readonly inclusionProof: { readonly checkpoint: { readonly envelope: string } };
};
type Bundle = {
  readonly verificationMaterial: {
    readonly certificate?: { readonly rawBytes: string };
    readonly publicKey?: { readonly hint: string };
    readonly tlogEntries: readonly [Entry];
  };
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly [{ readonly sig: string }];
  };
};
type Keys = {
  readonly registry: ReadonlyMap<string, KeyObject>;
  readonly log: KeyObject;
  readonly certificateLog: KeyObject;
  readonly authority: KeyObject;
};
type Pinned = { readonly name: string; readonly version: string; readonly integrity: string };

const [project = '', registry = '', cacheFile = '', temperature = 'cold'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 64, scheduling: 'lifo' });
const cache = new Map<string, string>();
const count = { signatures: 0, attested: 0, failed: 0 };

// A well-formed ECDSA signature, which costs as much to refuse as a right one to accept.
const STAND_IN = Buffer.from(`3044${`0220${'11'.repeat(32)}`.repeat(2)}`, 'hex');

await main();

async function main(): Promise<void> {
  const keys = readKeys();
  const pinned = pinnedIn(`${project}/package-lock.json`);
  if (temperature === 'warm') readCache();
  const queue = pinned.values();
  const runner = async () => {
    for (const one of queue) await verifyOne(one, keys);
  };
  await Promise.all(Array.from({ length: 64 }, runner));
  agent.destroy();
  if (temperature === 'cold')
    writeFileSync(cacheFile, [...cache].map(([url, body]) => `${url}\n${body}\n`).join(''));
  process.stdout.write(`${JSON.stringify(count)}\n`);
  if (count.failed > 0) process.exitCode = 1;
}

async function verifyOne({ name, version, integrity }: Pinned, keys: Keys): Promise<void> {
  const at = name.replace('/', '%2f');
  const manifest = (await ask(`${at}/${version}`)) as Manifest;
  for (const { keyid, sig } of manifest.dist.signatures) {
    count.signatures++;
    tally(
      Buffer.from(`${name}@${version}:${integrity}`),
      keys.registry.get(keyid),
      Buffer.from(sig, 'base64'),
    );
  }
  if (manifest.dist.attestations === undefined) return;
  const answer = (await ask(`-/npm/v1/attestations/${at}@${version}`)) as {
    readonly attestations: readonly { readonly bundle: Bundle }[];
  };
  count.attested++;
  for (const { bundle } of answer.attestations) verifyBundle(bundle, keys);
}

/** One P-384 and four P-256 verifications for a certificate's bundle, three P-256 for a key's. */
function verifyBundle({ verificationMaterial, dsseEnvelope }: Bundle, keys: Keys): void {
  const { certificate, publicKey, tlogEntries } = verificationMaterial;
  const [entry] = tlogEntries;
  verifyEntry(entry, keys.log);
  const signer =
    certificate === undefined
      ? keys.registry.get(publicKey?.hint ?? '')
      : signerOf(certificate.rawBytes, keys);
  const payload = Buffer.from(dsseEnvelope.payload, 'base64');
  const { payloadType } = dsseEnvelope;
  const head = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `);
  tally(Buffer.concat([head, payload]), signer, Buffer.from(dsseEnvelope.signatures[0].sig, 'base64'));
}

function signerOf(rawBytes: string, { authority, certificateLog }: Keys): KeyObject {
  const leaf = new X509Certificate(Buffer.from(rawBytes, 'base64'));
  if (!leaf.verify(authority)) count.failed++;
  // The certificate timestamp's work without taking the certificate apart: same curve, about the same bytes, result thrown away.
  holds('sha256', leaf.raw, certificateLog, STAND_IN);
  return leaf.publicKey;
}

function verifyEntry(entry: Entry, log: KeyObject): void {
  const promised = JSON.stringify({
    body: entry.canonicalizedBody,
    integratedTime: Number(entry.integratedTime),
    logID: Buffer.from(entry.logId.keyId, 'base64').toString('hex'),
    logIndex: Number(entry.logIndex),
  });
  tally(Buffer.from(promised), log, Buffer.from(entry.inclusionPromise.signedEntryTimestamp, 'base64'));
  const { envelope } = entry.inclusionProof.checkpoint;
  const end = envelope.indexOf('\n\n') + 1;
  const line = envelope.slice(end + 1).split('\n', 1)[0] ?? '';
  const signature = Buffer.from(line.slice(line.lastIndexOf(' ') + 1), 'base64').subarray(4);
  tally(Buffer.from(envelope.slice(0, end)), log, signature);
}

function tally(bytes: Buffer, key: KeyObject | undefined, signature: Buffer): void {
  if (key === undefined || !holds('sha256', bytes, key, signature)) count.failed++;
}

async function ask(path: string): Promise<unknown> {
  const known = cache.get(path);
  if (known !== undefined) return JSON.parse(known);
  const body = await fetchText(path);
  cache.set(path, body);
  return JSON.parse(body);
}

function fetchText(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${registry}${path}`, { agent, headers: { 'accept-encoding': 'gzip' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(gunzipSync(Buffer.concat(chunks)).toString()));
      response.on('error', reject);
    }).on('error', reject);
  });
}

function readCache(): void {
  const lines = readFileSync(cacheFile, 'utf8').split('\n');
  for (let n = 0; n + 1 < lines.length; n += 2) cache.set(lines[n] ?? '', lines[n + 1] ?? '');
}

function pinnedIn(file: string): readonly Pinned[] {
  const { packages } = readJson(file) as {
    readonly packages: Readonly<Record<string, { version: string; integrity?: string; name?: string }>>;
  };
  const pinned = new Map<string, Pinned>();
  for (const [
    key,
    { version, integrity, name = key.slice(key.lastIndexOf('node_modules/') + 13) },
  ] of Object.entries(packages)) {
    if (key !== '' && integrity !== undefined) pinned.set(`${name}@${version}`, { name, version, integrity });
  }
  return [...pinned.values()];
}

function readKeys(): Keys {
  const listed = readJson(`${project}/keys.json`) as {
    readonly keys: readonly { readonly keyId: string; readonly publicKey: { readonly rawBytes: string } }[];
  };
  const root = readJson(`${project}/trusted_root.json`) as {
    readonly tlogs: readonly [{ readonly publicKey: { readonly rawBytes: string } }];
    readonly ctlogs: readonly [{ readonly publicKey: { readonly rawBytes: string } }];
    readonly certificateAuthorities: readonly [
      { readonly certChain: { readonly certificates: readonly [{ readonly rawBytes: string }] } },
    ];
  };
  const [issuer] = root.certificateAuthorities[0].certChain.certificates;
  return {
    registry: new Map(listed.keys.map(({ keyId, publicKey }) => [keyId, spki(publicKey.rawBytes)])),
    log: spki(root.tlogs[0].publicKey.rawBytes),
    certificateLog: spki(root.ctlogs[0].publicKey.rawBytes),
    authority: new X509Certificate(Buffer.from(issuer.rawBytes, 'base64')).publicKey,
  };
}

function spki(rawBytes: string): KeyObject {
  return createPublicKey({ key: Buffer.from(rawBytes, 'base64'), format: 'der', type: 'spki' });
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

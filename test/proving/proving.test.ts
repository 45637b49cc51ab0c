/** Proving on two threads: whatever the other thread does, each question gets the proof it would get on this one. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { threadsOf } from '../../lib/cli/thread.ts';
import type { StartThread } from '../../lib/model/host.ts';
import { createProver, type Prover } from '../../lib/proving/index.ts';
import { parseRegistryKeys, parseTrustedRoot } from '../../lib/sigstore/index.ts';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { bundleProver } from '../../scripts/build/bundle.ts';
import { projectRoot } from '../support/corpus.ts';
import {
  type AttestationsJson,
  createSigstore,
  identityFor,
  keyAt,
  keysTargetJson,
  registrySignature,
  type Sigstore,
} from '../support/sigstore/index.ts';
import { aTempDirectory } from '../support/temp.ts';

const built = aTempDirectory('prover');
await bundleProver({ root: projectRoot, version: '0.0.0-test', outDirectory: built });

const sigstore = createSigstore();
const stranger = createSigstore('stranger');
const AT = new Date('2026-10-23T12:00:00Z');
const json = sigstore.trustedRoot();
const trust = { json, material: parseTrustedRoot(json) };
const keys = parseRegistryKeys(keysTargetJson(sigstore.registryKeys.all));

/** What a message between threads might turn into something else. */
const HOSTILE: readonly string[] = [
  '{"__proto__":{"attestations":[]}}',
  '{"attestations":[{"__proto__":{"predicateType":"https://slsa.dev/provenance/v1"},"bundle":{}}]}',
  '{"attestations":[{"predicateType":"\\ud800","bundle":{"mediaType":"\\udfff"}}]}',
  '{"attestations":[null,-0,1e400,123456789012345678901,[[]],{"constructor":{"prototype":{}}}]}',
  '{"attestations":{"length":1,"0":{}}}',
];

type Asked = (prover: Prover) => Promise<unknown>;

/** More than is worth a thread: a dozen versions, each with what holds and, one step away, what does not. */
const questions: readonly Asked[] = Array.from({ length: 12 }, (_, n) => questionsAbout(`lib-${n}`)).flat();

const answersHere = await answersOf(createProver({ trust, concurrency: 64, expected: 0 }));

describe('another thread that proves', {
  skip: availableParallelism() === 1 && 'on one core there is none',
}, () => {
  it('proves and refuses exactly what this one does', async () => {
    const heard: unknown[] = [];
    const answers = await answersOf(proverWith(listening(realThread(), heard)));
    assert.deepEqual(answers, answersHere);
    assert.ok(heard.length > 0, 'the other thread answered');
    const told = JSON.stringify(answersHere);
    assert.ok(told.includes('"proved"') && told.includes('"refuted"'));
  });

  it('is under the same trust root: what a stranger signed is refused there, too', async () => {
    const heard: unknown[] = [];
    const prover = proverWith(listening(realThread(), heard));
    const asked = Array.from({ length: 30 }, (_, n) => attestationsOf(`other-${n}`, { by: stranger }));
    const answers = await Promise.all(asked.map((ask) => ask(prover)));
    prover.close();
    assert.ok(heard.length > 0, 'the other thread answered');
    for (const answer of answers)
      assert.match(
        JSON.stringify(answer),
        /^\{"publish":\{"status":"refuted".*"provenance":\{"status":"refuted"/,
      );
  });

  it('is not started for little work', async () => {
    let started = 0;
    const prover = proverWith((listener) => {
      started++;
      return realThread()(listener);
    });
    for (const ask of questions.slice(0, 8)) await ask(prover);
    assert.equal(started, 0);
    for (const ask of questions) await ask(prover);
    assert.equal(started, 1);
    prover.close();
  });

  it('is started at once where much is sure to be asked', () => {
    for (const [expected, threads] of [
      [200, 0],
      [201, 1],
    ] as const) {
      let started = 0;
      const prover = proverWith((listener) => {
        started++;
        return realThread()(listener);
      }, expected);
      assert.equal(started, threads);
      prover.close();
    }
  });

  it('is told when there is no more to prove, and what is asked later is proved here', async () => {
    const last: unknown[] = [];
    const prover = proverWith((listener) => {
      const thread = realThread()(listener);
      return { ...thread, end: (message) => thread.end(last[last.push(message) - 1]) };
    });
    await Promise.all(questions.map((ask) => ask(prover)));
    assert.deepEqual(last, []);
    prover.close();
    assert.deepEqual(last, [{ kind: 'end' }]);
    assert.deepEqual(await Promise.all(questions.map((ask) => ask(prover))), answersHere);
  });
});

describe('a thread that fails', () => {
  const failures: Readonly<Record<string, StartThread>> = {
    'cannot be started': () => {
      throw new Error('no room for a thread');
    },
    'has no program': threadsOf(process, new URL('./missing.mjs', import.meta.url)),
    'ends at once': threadRunning('process.exit(0)'),
    'throws at once': threadRunning('throw new Error("at once")'),
    'ends at its first question': threadRunning(
      'parentPort.on("message", ({ kind }) => { if (kind === "batch") process.exit(0); });',
    ),
    'throws at its first question': threadRunning(
      'parentPort.on("message", ({ kind }) => { if (kind === "batch") throw new Error("first"); });',
    ),
    'answers nothing of what it was asked': threadRunning(
      'parentPort.on("message", ({ kind, number }) => { if (kind === "batch") parentPort.postMessage({ number, answers: [] }); });',
    ),
    'answers what nobody asked, and ends': threadRunning(
      'parentPort.on("message", ({ kind }) => { if (kind !== "batch") return; parentPort.postMessage({ number: 99, answers: [{ status: "proved" }] }); parentPort.close(); });',
    ),
  };
  for (const [how, startThread] of Object.entries(failures)) {
    it(`costs no answer and changes none where it ${how}`, async () => {
      assert.deepEqual(await answersOf(proverWith(startThread)), answersHere);
    });
  }

  it('is not needed for an answer that no message can hold', async () => {
    const prover = proverWith(realThread());
    const deep = JSON.parse(`{"attestations":[${'['.repeat(200_000)}${']'.repeat(200_000)}]}`);
    const integrity = integrityOf('deep');
    const ask = () =>
      prover.attestations({ id: { name: 'deep', version: '1.0.0' }, integrity, response: deep, keys });
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    for (const { publish, provenance } of answers)
      assert.deepEqual([publish.status, provenance.status], ['refuted', 'refuted']);
    assert.deepEqual(await Promise.all(questions.map((again) => again(prover))), answersHere);
    prover.close();
  });
});

async function answersOf(prover: Prover): Promise<readonly unknown[]> {
  const answers = await Promise.all(questions.map((ask) => ask(prover)));
  prover.close();
  return answers;
}

/** All that wait are a crowd, so this thread does its share as well. */
function proverWith(startThread: StartThread, expected = 0): Prover {
  return createProver({ trust, startThread, concurrency: 16, expected });
}

function realThread(): StartThread {
  return threadsOf(process, pathToFileURL(path.join(built, 'prover.mjs')));
}

function threadRunning(program: string): StartThread {
  const file = path.join(aTempDirectory('thread'), 'program.mjs');
  writeFileSync(file, `import { parentPort } from 'node:worker_threads';\n${program}\n`);
  return threadsOf(process, pathToFileURL(file));
}

function listening(start: StartThread, heard: unknown[]): StartThread {
  return ({ onMessage, onFailed }) =>
    start({
      onMessage(message) {
        heard.push(message);
        onMessage(message);
      },
      onFailed,
    });
}

function questionsAbout(name: string): readonly Asked[] {
  return [
    signatureOf(name),
    signatureOf(name, { signedAs: `${name}-other` }),
    signatureOf(name, { by: stranger }),
    attestationsOf(name),
    attestationsOf(name, { about: `${name}-other` }),
    attestationsOf(name, { change: lastBitOfPayload }),
    ...HOSTILE.map((text) => servedAs(name, text)),
  ];
}

function servedAs(name: string, text: string): Asked {
  const question = { id: { name, version: '1.0.0' }, integrity: integrityOf(name), keys };
  return (prover) => prover.attestations({ ...question, response: JSON.parse(text) });
}

type Signed = { readonly signedAs?: string; readonly by?: Sigstore };

function signatureOf(name: string, { signedAs = name, by = sigstore }: Signed = {}): Asked {
  const signature = registrySignature(keyAt(by.registryKeys, AT), {
    ...{ name: signedAs, version: '1.0.0' },
    integrity: textOf(name),
  });
  const question = {
    id: { name, version: '1.0.0' },
    integrity: integrityOf(name),
    signatures: [signature],
    keys,
  };
  return (prover) => prover.signature({ ...question, publishedAt: { at: AT.toISOString(), proved: false } });
}

type Attested = {
  readonly about?: string;
  readonly by?: Sigstore;
  readonly change?: (response: AttestationsJson) => void;
};

function attestationsOf(name: string, { about = name, by = sigstore, change }: Attested = {}): Asked {
  const id = { name: about, version: '1.0.0', integrity: textOf(about) };
  const response = by.mintAttestations({
    ...id,
    at: AT,
    registry: 'https://registry.example/',
    identity: identityFor(id),
  });
  change?.(response);
  const integrity = integrityOf(name);
  return (prover) => prover.attestations({ id: { name, version: '1.0.0' }, integrity, response, keys });
}

/** The same envelopes, one bit away. */
function lastBitOfPayload({ attestations }: AttestationsJson): void {
  for (const { bundle } of attestations) {
    const envelope = bundle.dsseEnvelope;
    assert.ok(envelope !== undefined);
    const bytes = Buffer.from(envelope.payload, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    Object.assign(envelope, { payload: bytes.toString('base64') });
  }
}

function textOf(name: string): string {
  return `sha512-${Buffer.alloc(64, name).toString('base64')}`;
}

function integrityOf(name: string) {
  const integrity = parseIntegrity(textOf(name));
  assert.ok(integrity !== undefined);
  return integrity;
}

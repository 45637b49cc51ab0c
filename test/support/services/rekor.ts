/** Rekor's API, versions 1 and 2, over minted logs. */
import { dsseEntry, hashedRekordV2Entry, preAuthEncoding } from '../sigstore/entries.ts';
import {
  createSigstore,
  type EnvelopeJson,
  type Sigstore,
  sha256,
  type TlogEntryJson,
} from '../sigstore/index.ts';
import { type Answer, json, type Received, type Service } from './misbehaviour.ts';

const V1 = '/api/v1/log/entries';
const V2 = '/api/v2/log/entries';

/**
 * Version 1. What is there already is answered 409 with its address. Lies: `other-entry` (about another envelope), `other-log`,
 * `bad-proof`, `bad-promise`, `two-entries`, `exists` (said of a new entry, which is then there), `exists-nowhere`.
 */
export function rekorV1Service(sigstore: Sigstore, now: () => Date): Service {
  const entries = new Map<string, TlogEntryJson>();
  const known = new Map<string, string>();
  return (request, lie) => {
    if (request.method === 'GET') {
      const id = request.path.slice(V1.length + 1);
      const found = entries.get(id);
      return found === undefined
        ? json(404, { code: 404, message: 'entry not found' })
        : json(200, { [id]: answerOf(found) });
    }
    if (request.path !== V1) return json(404, { code: 404, message: 'path not found' });
    const { envelope, pem } = proposal(request);
    const signature = envelope.signatures[0]?.sig ?? '';
    const before = known.get(signature);
    if (before !== undefined) return conflict(before);
    const { rekorV1 } = lie === 'other-log' ? createSigstore('mallory') : sigstore;
    const body = dsseEntry(lie === 'other-entry' ? otherThan(envelope) : envelope, { pem, v2: {} });
    const entry = rekorV1.add({ ...body, at: now() });
    const id = `${'1193050959916656'.padEnd(16, '0')}${sha256(entry.canonicalizedBody).toString('hex')}`;
    entries.set(id, entry);
    known.set(signature, id);
    if (lie === 'exists') return conflict(id);
    if (lie === 'exists-nowhere')
      return json(409, { code: 409, message: 'an equivalent entry already exists' });
    return json(201, {
      [id]: told(entry, lie),
      ...(lie === 'two-entries' ? { other: told(entry, lie) } : {}),
    });
  };
}

/** Version 2, whose entries carry no time. Lies: `other-entry`, `other-log`, `bad-proof`, `exists`. */
export function rekorV2Service(sigstore: Sigstore, now: () => Date): Service {
  return (request, lie) => {
    if (request.method !== 'POST' || request.path !== V2) return json(404, { code: 5, message: 'Not Found' });
    if (lie === 'exists')
      return json(409, { code: 6, message: 'an equivalent entry already exists with index 7' });
    const { envelope: sent, verifiers } = JSON.parse(request.body.toString('utf8')).dsseRequestV002;
    const envelope = lie === 'other-entry' ? otherThan(sent) : sent;
    const { keyDetails: _, ...v2 } = verifiers[0];
    const digest = sha256(preAuthEncoding(envelope.payloadType, Buffer.from(envelope.payload, 'base64')));
    const signature = Buffer.from(envelope.signatures[0].sig, 'base64');
    const { rekorV2 } = lie === 'other-log' ? createSigstore('mallory') : sigstore;
    const entry = rekorV2.add({ ...hashedRekordV2Entry(digest, signature, { pem: '', v2 }), at: now() });
    const proof = entry.inclusionProof;
    if (lie === 'bad-proof' && proof) proof.hashes = proof.hashes.map(flipped);
    return json(201, { ...entry, integratedTime: '0', inclusionPromise: null });
  };
}

function proposal({ body }: Received): { readonly envelope: EnvelopeJson; readonly pem: string } {
  const { proposedContent } = JSON.parse(body.toString('utf8')).spec;
  return {
    envelope: JSON.parse(proposedContent.envelope),
    pem: Buffer.from(proposedContent.verifiers[0], 'base64').toString('utf8'),
  };
}

function conflict(id: string): Answer {
  const message = `an equivalent entry already exists in the transparency log with UUID ${id}`;
  return json(409, { code: 409, message }, { location: `${V1}/${id}` });
}

/** The entry as version 1 tells it: hashes in hex, numbers as numbers. */
function answerOf(entry: TlogEntryJson): Record<string, unknown> & { verification: Verification } {
  const hex = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');
  const proof = entry.inclusionProof;
  return {
    body: entry.canonicalizedBody,
    integratedTime: Number(entry.integratedTime),
    logID: hex(entry.logId.keyId),
    logIndex: Number(entry.logIndex),
    verification: {
      inclusionProof: {
        checkpoint: proof?.checkpoint.envelope ?? '',
        hashes: (proof?.hashes ?? []).map(hex),
        logIndex: Number(proof?.logIndex),
        rootHash: hex(proof?.rootHash ?? ''),
        treeSize: Number(proof?.treeSize),
      },
      signedEntryTimestamp: entry.inclusionPromise?.signedEntryTimestamp ?? '',
    },
  };
}

type Verification = {
  inclusionProof: { hashes: string[]; [name: string]: unknown };
  signedEntryTimestamp: string;
};

function told(entry: TlogEntryJson, lie: string | undefined): unknown {
  const answer = answerOf(entry);
  const { verification } = answer;
  if (lie === 'bad-proof') {
    const { hashes } = verification.inclusionProof;
    verification.inclusionProof.hashes = hashes.map((hash) =>
      hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    );
  }
  if (lie === 'bad-promise') verification.signedEntryTimestamp = flipped(verification.signedEntryTimestamp);
  return answer;
}

function otherThan(envelope: EnvelopeJson): EnvelopeJson {
  return { ...envelope, payload: Buffer.from('{"another":"statement"}').toString('base64') };
}

/** The same base64 with another last byte. */
function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return bytes.toString('base64');
}

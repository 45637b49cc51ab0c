/** Writes a signed envelope into a Rekor log, of version 1 or 2. */
import { SigningError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import {
  type LogEntryJson,
  type LogRequest,
  parseEntryOfV1,
  parseEntryOfV2,
  proposalOfV1,
  proposalOfV2,
} from './rekor-entry.ts';
import type { RekorService } from './signing-config.ts';
import {
  type AskService,
  fetchAnswer,
  fetchBody,
  posted,
  readAnswer,
  type ServiceAnswer,
  type ServiceCall,
  successOf,
} from './signing-service.ts';

const SERVICE = { name: 'The transparency log', code: 'LOG_REFUSED' } as const;
const LIMIT = 4 * 1024 * 1024;

/**
 * Enters the envelope and resolves to the entry, in which nothing is verified yet. An entry that is there already is fetched from a
 * log of version 1; one of version 2 does not give it out: `exists`. Throws `SigningError` `LOG_REFUSED`.
 */
export async function fetchLogEntry(
  ask: AskService,
  { url, api }: RekorService,
  request: LogRequest,
): Promise<LogEntryJson | 'exists'> {
  if (api === 2) return fetchFromV2(ask, url, request);
  const call = callTo(`${url}/api/v1/log/entries`, proposalOfV1(request));
  const answer = await fetchAnswer(ask, call);
  // A log of version 2 has no such address, and nothing was written.
  if (api === 'unknown' && [404, 405, 501].includes(answer.status)) return fetchFromV2(ask, url, request);
  const body = answer.status === 409 ? await fetchExisting(ask, call, answer) : successOf(answer, call);
  return readAnswer(SERVICE, () => parseEntryOfV1(body));
}

async function fetchFromV2(
  ask: AskService,
  url: string,
  request: LogRequest,
): Promise<LogEntryJson | 'exists'> {
  const call = callTo(`${url}/api/v2/log/entries`, proposalOfV2(request));
  const answer = await fetchAnswer(ask, call);
  if (answer.status === 409) return 'exists';
  return readAnswer(SERVICE, () => parseEntryOfV2(successOf(answer, call)));
}

/** A repeated request, after an answer that got lost, finds its entry there already. */
function fetchExisting(ask: AskService, call: ServiceCall, { location }: ServiceAnswer): Promise<Uint8Array> {
  // Tree and leaf hash, in hex. Only the id counts: the log does not choose where we ask.
  const id = /\/([0-9a-f]{64,80})$/i.exec(location ?? '')?.[1];
  if (id === undefined) {
    throw new SigningError(
      'LOG_REFUSED',
      'The transparency log has the entry already, and does not say where.',
    );
  }
  const { service, limit } = call;
  return fetchBody(ask, {
    service,
    limit,
    url: `${call.url}/${id}`,
    headers: { accept: 'application/json' },
  });
}

function callTo(url: string, value: unknown): ServiceCall {
  // What the log may echo, envelope and certificate, is public.
  return { service: SERVICE, url, limit: LIMIT, quote: (text) => tame(text, 200), ...posted(value) };
}

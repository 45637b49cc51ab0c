/** Asks one signing service, and words what goes wrong: which service, what it answered, and never a secret. */
import { NpmsignError, SigningError, type SigningErrorCode } from '../errors.ts';
import { faultOf } from './fault.ts';

/**
 * Sends one request and resolves to whatever was answered; trouble that may pass has been retried. Throws `NpmsignError` with a message
 * that is safe to print. No redirect is followed, and no credential is added.
 */
export type AskService = (request: {
  readonly url: string;
  /** Posted; absent: GET. */
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Most bytes of the answer. */
  readonly limit: number;
}) => Promise<ServiceAnswer>;

/** An answer of any status. */
export type ServiceAnswer = {
  readonly status: number;
  readonly location?: string;
  readonly body: Uint8Array;
};

/** One service: how errors name it, and which code they have. */
export type ServiceName = { readonly name: string; readonly code: SigningErrorCode };

/** A request to one service. `quote` decides which of its words may be repeated; without it none are. */
export type ServiceCall = Parameters<AskService>[0] & {
  readonly service: ServiceName;
  readonly quote?: (text: string) => string;
};

const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json' };

/** Posts JSON. */
export function posted(value: unknown): Pick<ServiceCall, 'body' | 'headers'> {
  return { body: Buffer.from(JSON.stringify(value)), headers: JSON_TYPE };
}

/** Asks, and resolves to the answer whatever its status. Throws `SigningError` when there is none. */
export async function fetchAnswer(ask: AskService, call: ServiceCall): Promise<ServiceAnswer> {
  const { service, quote: _, ...request } = call;
  try {
    return await ask(request);
  } catch (cause) {
    if (!(cause instanceof NpmsignError)) throw cause;
    throw new SigningError(service.code, `${service.name} gave no answer: ${cause.message}`, {
      cause,
      hint: 'Try again. The network, the proxy and the address of the service in the policy decide.',
    });
  }
}

/** Asks, and resolves to the body of a successful answer. Throws `SigningError` for any other. */
export async function fetchBody(ask: AskService, call: ServiceCall): Promise<Uint8Array> {
  return successOf(await fetchAnswer(ask, call), call);
}

/** The body of a successful answer. Throws `SigningError` for any other, with the service's own words where they may be repeated. */
export function successOf({ status, body }: ServiceAnswer, { url, service, quote }: ServiceCall): Uint8Array {
  if (status >= 200 && status < 300) return body;
  const words = quote?.(wordsIn(body)) ?? '';
  const reason = words === '' ? '' : `: ${words}`;
  throw new SigningError(service.code, `${service.name} (${new URL(url).host}) answered ${status}${reason}.`);
}

/** Reads an answer. What does not read, or does not hold, is a `SigningError` of that service. */
export async function readAnswer<T>(service: ServiceName, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // The cause would quote the answer, and an answer may echo what was asked.
    throw new SigningError(service.code, `${service.name} answered wrongly: ${faultOf(error).reason}.`, {
      hint: 'Nothing was written. Check whose address the policy names for it.',
    });
  }
}

/** Fulcio and Rekor put their words into `message`; others answer with bare text. */
function wordsIn(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 4096)).toString('utf8').trim();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  } catch {
    // Not JSON: an HTML page says nothing in a line.
    return text.startsWith('<') ? '' : text;
  }
  return '';
}

/** Asks for a secret: no word of the answer gets into an error, and none into its cause. */
import { SigningError } from '../errors.ts';
import { type AskService, fetchAnswer } from '../sigstore/index.ts';

/** Who is asked, where, and where in the answer the secret stands: a member of its JSON, or the whole text. */
export type TokenRequest = {
  readonly from: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly member: string | 'text';
};

const LIMIT = 128 * 1024;

/** Asks. Throws `SigningError` `NO_IDENTITY_TOKEN`. */
export async function fetchSecret(
  ask: AskService,
  { from, member, ...request }: TokenRequest,
): Promise<string> {
  const service = { name: from, code: 'NO_IDENTITY_TOKEN' } as const;
  const { status, body } = await fetchAnswer(ask, { ...request, service, limit: LIMIT });
  if (status < 200 || status >= 300) throw noToken(`${from} answered ${status} when asked for a token.`);
  const text = Buffer.from(body).toString('utf8');
  const secret = member === 'text' ? text.trim() : memberOf(text, member);
  if (secret === undefined || secret === '') throw noToken(`${from} answered without a token.`);
  return secret;
}

/** The one error of this file: worded by us alone. */
export function noToken(message: string): SigningError {
  return new SigningError('NO_IDENTITY_TOKEN', message, {
    hint: 'Run the job again. If it stays so, get a token another way and set it as SIGSTORE_ID_TOKEN.',
  });
}

function memberOf(text: string, member: string): string | undefined {
  try {
    const value = new Map(Object.entries(Object(JSON.parse(text)))).get(member);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined; // The parser's own words would quote the answer.
  }
}

/** Turns the end of an exchange into an answer or a named error. */
import { RegistryError } from '../errors.ts';
import { tooLarge } from './body.ts';
import type { Exchange } from './exchange.ts';
import { type Conduct, isPassing } from './patience.ts';

/** A whole answer, whatever its status. */
export type Answered = Extract<Exchange, { readonly kind: 'answered' }>;

/** What was asked, of whom, and how often. */
type Outcome = {
  readonly url: URL;
  readonly limit: number;
  readonly conduct: Conduct;
  readonly attempts: number;
};

/** The answer, or the `RegistryError` that says why there is none; the server's conduct is remembered. */
export function settled(exchange: Exchange, outcome: Outcome): Answered {
  if (exchange.kind === 'answered' && !isPassing(exchange.status)) return exchange;
  throw errorOf(exchange, outcome);
}

function errorOf(exchange: Exchange, { url, limit, conduct, attempts }: Outcome): RegistryError {
  const { host } = url;
  const tried = attempts === 1 ? '' : ` (${attempts} attempts)`;
  switch (exchange.kind) {
    case 'answered':
      conduct.failing++;
      return new RegistryError('REGISTRY_UNREACHABLE', `${host} answered ${exchange.status}${tried}.`);
    case 'tooLarge':
      return tooLarge({ limit, who: host });
    case 'unsendable':
      return new RegistryError('REGISTRY_REFUSED', `${host} was not asked: ${exchange.why}.`);
    case 'refused':
    case 'unconnected':
    case 'broken':
    case 'silent':
    case 'slow':
      conduct.lost++;
      return new RegistryError(
        'REGISTRY_UNREACHABLE',
        `${host} ${STORY[exchange.kind]}: ${exchange.why}${tried}.`,
        {
          hint: 'Check the network and the proxy, or run with --offline to use the cache alone.',
        },
      );
  }
}

const STORY = {
  refused: 'cannot be reached',
  unconnected: 'cannot be reached',
  broken: 'broke off its answer',
  silent: 'fell silent',
  slow: 'did not finish its answer',
} as const;

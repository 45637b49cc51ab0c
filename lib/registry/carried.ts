/** Answers out of a folder that was filled where registries can be reached; the same questions, and no request. */
import { RegistryError } from '../errors.ts';
import type { Told } from '../model/proof.ts';
import type { Notice } from '../model/report.ts';
import { tame } from '../text/sanitize.ts';
import { type Ask, answerLimit, type Question, type QuestionKind, unknownTo } from './ask.ts';
import { parseUnpacked } from './body.ts';
import type { JsonObject } from './json.ts';

/** What was asked: `kind` says how the answer is read. */
export type AnswerKey = { readonly kind: QuestionKind; readonly url: string };

/** An answer as it was carried. Nothing in it is proved, not even that it answers this question. */
export type CarriedAnswer =
  | { readonly kind: 'found'; readonly bytes: Buffer }
  /** The registry said that there is no such thing. */
  | { readonly kind: 'missing' }
  /** Nobody took an answer down. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Where carried answers lie. */
export type CarriedAnswers = {
  /** At most `limit` bytes. */
  readonly find: (key: AnswerKey, limit: number) => CarriedAnswer;
  /** What a report says about them. */
  readonly notices: readonly Notice[];
};

/** Takes down what registries answer. The last word on a question counts. */
export type AnswerRecorder = {
  /** `json` is all of the answer that is ever looked at; `takenAt` in milliseconds since 1970. */
  readonly found: (key: AnswerKey, answer: { readonly json: JsonObject; readonly takenAt: number }) => void;
  readonly missing: (key: AnswerKey, takenAt: number) => void;
  readonly unavailable: (key: AnswerKey, reason: string) => void;
};

/** What stands in for registries, or listens to them. */
export type AnswerOptions = {
  /** Registries are not asked: what is not here is unavailable. */
  readonly carried?: CarriedAnswers;
  readonly recorder?: AnswerRecorder;
};

/** The way to ask, as these options want it. */
export function askThrough(ask: Ask, { carried, recorder }: AnswerOptions, now: Date): Ask {
  if (carried !== undefined) return createCarriedAsk(carried);
  return recorder === undefined ? ask : createRecordingAsk(ask, recorder, now);
}

function createCarriedAsk(carried: CarriedAnswers): Ask {
  return async (question) => {
    const { kind, url } = question;
    const answer = carried.find({ kind, url }, answerLimit(kind));
    switch (answer.kind) {
      case 'nothing':
        return silent(url, kind);
      case 'unavailable':
        return { status: 'unavailable', reason: answer.reason };
      case 'missing':
        return { status: 'absent', reason: unknownTo(new URL(url).host, kind) };
      case 'found':
        return kind === 'keys' ? unprovedKeys(url) : toldIn(question, answer.bytes);
    }
  };
}

function silent(url: string, kind: QuestionKind): Told<never> {
  const { host } = new URL(url);
  return {
    status: 'unavailable',
    reason: `${host} was not asked, and the evidence folder has no answer of it (${kind}).`,
  };
}

/**
 * A registry's own keys are believed because the connection to it is. A folder proves no connection: who writes there could bring keys of
 * his own, and anything signed with them.
 */
function unprovedKeys(url: string): Told<never> {
  const { origin } = new URL(url);
  return {
    status: 'unavailable',
    reason: `keys of ${origin} that come out of an evidence folder prove nothing: name them in the policy (registries, keys).`,
  };
}

function toldIn<T>({ parse, kind, url }: Question<T>, bytes: Buffer): Told<T> {
  const { host } = new URL(url);
  try {
    const parsed = parse(parseUnpacked(bytes, { limit: answerLimit(kind), who: host }));
    if (parsed.kind === 'value') return { status: 'told', value: parsed.value };
    return {
      status: 'unavailable',
      reason: tame(`The answer of ${host} in the evidence folder cannot be believed: ${parsed.reason}.`),
    };
  } catch (error) {
    if (error instanceof RegistryError) return { status: 'unavailable', reason: tame(error.message) };
    throw error;
  }
}

function createRecordingAsk(ask: Ask, recorder: AnswerRecorder, now: Date): Ask {
  return async (question) => {
    const { kind, url, kept } = question;
    const key = { kind, url };
    const told = await ask({
      ...question,
      seen: (json, takenAt) => recorder.found(key, { json: kept === undefined ? json : kept(json), takenAt }),
    });
    if (told.status === 'absent') recorder.missing(key, now.getTime());
    if (told.status === 'unavailable') recorder.unavailable(key, told.reason);
    return told;
  };
}

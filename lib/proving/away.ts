/** Shares the proving with another thread. Whatever becomes of that thread, every question is proved: there or here. */
import type { StartThread, Thread } from '../model/host.ts';
import type { RegistryKey } from '../sigstore/index.ts';
import { settleOnCores } from './cores.ts';
import type { Answered, Order, Proof, Question, Sent } from './messages.ts';

/** What sharing rests on. */
export type AwayRequest = {
  readonly here: (question: Question) => Promise<Proof>;
  readonly startThread: StartThread;
  /** The trust root's JSON. */
  readonly root: unknown;
  /** So many questions waiting at a time mean that this thread has nothing else to do: then it proves, too. */
  readonly crowd: number;
  /** So many questions at least are going to be asked. */
  readonly expected: number;
};

/** Two threads that prove. */
export type Away = {
  readonly prove: (question: Question) => Promise<Proof>;
  /** Ends the other thread. */
  readonly close: () => void;
};

/** What a question costs, in signatures verified: the attestations of a version are two bundles, with their parsing and hashing. */
const WEIGHT: Readonly<Record<Question['kind'], number>> = { attestations: 20, signature: 1 };
/** Below this a thread takes longer to start than the work would. */
const WORTH_A_THREAD = 500;
/** So many questions to come are worth one before the first of them is asked. */
const MANY_QUESTIONS = 200;
/** Handed over at a time; small, so that answers come back all along. */
const BATCH = 40;
/** Handed over and not answered: enough to keep a thread busy while this one does something else. The rest waits for whoever is free first. */
const MOST_AWAY = 200;

type Waiting = { readonly question: Question; readonly settle: (proof: Promise<Proof> | Proof) => void };

type State = AwayRequest & {
  readonly queue: Waiting[];
  /** By the number of the batch. */
  readonly away: Map<number, readonly Waiting[]>;
  /** Key lists the thread has, by number. */
  readonly keys: Map<readonly RegistryKey[], number>;
  thread: Thread | undefined;
  /** `before`: it is not worth its start yet. `alone`: it has failed, or was ended, for good. */
  stage: 'before' | 'shared' | 'alone';
  batches: number;
  /** Weights of what was ever asked, of what is in the queue, and of what is away. */
  asked: number;
  queued: number;
  sent: number;
  isScheduled: boolean;
  isHelping: boolean;
};

/** Starts the other thread once it is worth it. */
export function createAway(request: AwayRequest): Away {
  const state: State = {
    ...request,
    ...{ queue: [], away: new Map(), keys: new Map(), thread: undefined, stage: 'before', batches: 0 },
    ...{ asked: 0, queued: 0, sent: 0, isScheduled: false, isHelping: false },
  };
  // A thread is up after a few hundredths of a second; many questions are sure to come by then.
  if (request.expected > MANY_QUESTIONS) start(state);
  return {
    prove(question) {
      state.asked += WEIGHT[question.kind];
      if (state.stage === 'before' && state.asked > WORTH_A_THREAD) start(state);
      if (state.stage !== 'shared') return state.here(question);
      return new Promise((settle) => enqueue(state, { question, settle }));
    },
    close: () => proveAllHere(state),
  };
}

const END: Order = { kind: 'end' };

function start(state: State): void {
  try {
    state.thread = state.startThread({
      onMessage: (message) => take(state, message as Answered), // Our own thread says nothing else.
      onFailed: () => proveAllHere(state),
    });
  } catch {
    // No room for another thread: that changes who proves, not what.
    state.stage = 'alone';
    return;
  }
  settleOnCores();
  state.stage = 'shared';
  tell(state, { kind: 'root', json: state.root });
}

function enqueue(state: State, waiting: Waiting): void {
  state.queue.push(waiting);
  state.queued += WEIGHT[waiting.question.kind];
  if (state.queued >= BATCH) handOver(state);
  if (state.queue.length > 0) schedule(state);
}

function dequeue(state: State): Waiting | undefined {
  const next = state.queue.shift();
  if (next !== undefined) state.queued -= WEIGHT[next.question.kind];
  return next;
}

/** At the end of this turn, for all that is asked in it. */
function schedule(state: State): void {
  if (state.isScheduled) return;
  state.isScheduled = true;
  setImmediate(() => {
    state.isScheduled = false;
    handOver(state);
    help(state);
  });
}

function handOver(state: State): void {
  while (state.stage === 'shared' && state.queue.length > 0 && state.sent < MOST_AWAY) sendBatch(state);
}

function sendBatch(state: State): void {
  const batch: Waiting[] = [];
  for (let weight = 0; weight < BATCH; ) {
    const next = dequeue(state);
    if (next === undefined) break;
    batch.push(next);
    weight += WEIGHT[next.question.kind];
  }
  const number = state.batches++;
  state.sent += weightOf(batch);
  // Before anything is said: what cannot be said is found here, and proved.
  state.away.set(number, batch);
  state.thread?.hold();
  const questions = batch.map(
    ({ question }): Sent => ({ ...question, keys: numberOf(state, question.keys) }),
  );
  tell(state, { kind: 'batch', number, questions });
}

function numberOf(state: State, keys: readonly RegistryKey[]): number {
  const known = state.keys.get(keys);
  if (known !== undefined) return known;
  const number = state.keys.size;
  state.keys.set(keys, number);
  tell(state, { kind: 'keys', number, keys });
  return number;
}

function tell(state: State, order: Order): void {
  try {
    state.thread?.post(order);
  } catch {
    // Nested deeper than a message may be, for example.
    proveAllHere(state);
  }
}

/** While nothing is fetched or read this thread proves too, one question at a time. */
function help(state: State): void {
  const { queue, away, crowd } = state;
  if (state.isHelping || [...away.values()].reduce((sum, { length }) => sum + length, queue.length) < crowd)
    return;
  const next = dequeue(state);
  if (next === undefined) return;
  state.isHelping = true;
  const proof = state.here(next.question);
  next.settle(proof);
  void proof.finally(() => {
    state.isHelping = false;
    schedule(state);
  });
}

/** What an answer lacks is proved here. */
function take(state: State, { number, answers }: Answered): void {
  const batch = state.away.get(number);
  if (batch === undefined) return;
  state.away.delete(number);
  state.sent -= weightOf(batch);
  for (const [index, { question, settle }] of batch.entries()) settle(answers[index] ?? state.here(question));
  if (state.away.size === 0) state.thread?.release();
  handOver(state);
}

function weightOf(batch: readonly Waiting[]): number {
  return batch.reduce((sum, { question }) => sum + WEIGHT[question.kind], 0);
}

/** The thread is gone, or not needed any more. */
function proveAllHere(state: State): void {
  state.thread?.end(END);
  state.thread = undefined;
  state.stage = 'alone';
  const left = [...[...state.away.values()].flat(), ...state.queue.splice(0)];
  state.away.clear();
  for (const { question, settle } of left) settle(state.here(question));
}

/** The other thread's side: proves what it is sent. */
import { parseTrustedRoot, type RegistryKey, type TrustMaterial } from '../sigstore/index.ts';
import { settleOnCores } from './cores.ts';
import { proveHere } from './here.ts';
import type { Answered, Order, Proof, Question, Sent } from './messages.ts';

/**
 * Serves the thread that started this one until it says that it has no more to prove. What goes wrong here ends the thread, and then the other
 * proves by itself. `false`: nobody started this thread, and nothing is served.
 */
export function serveProofs(world: NodeJS.Process): boolean {
  const line = world.getBuiltinModule('node:worker_threads').parentPort;
  if (line === null) return false;
  settleOnCores();
  const state: { trust?: TrustMaterial } = {};
  const keys: (readonly RegistryKey[])[] = [];
  // Whoever started this thread speaks for npmsign.
  line.on('message', (order: Order) => {
    switch (order.kind) {
      case 'root':
        state.trust = parseTrustedRoot(order.json);
        return;
      case 'keys':
        keys[order.number] = order.keys;
        return;
      case 'batch':
        void answer(line, order, (sent) => proveHere(trustIn(state), whole(sent, keys)));
        return;
      case 'end':
        line.close();
    }
  });
  return true;
}

type Line = { readonly postMessage: (message: Answered) => void };

async function answer(
  line: Line,
  { number, questions }: Extract<Order, { readonly kind: 'batch' }>,
  prove: (sent: Sent) => Promise<Proof>,
): Promise<void> {
  line.postMessage({ number, answers: await Promise.all(questions.map(prove)) });
}

function trustIn({ trust }: { readonly trust?: TrustMaterial }): TrustMaterial {
  if (trust === undefined) throw new Error('a question came before the trust root');
  return trust;
}

function whole(sent: Sent, known: readonly (readonly RegistryKey[])[]): Question {
  const keys = known[sent.keys];
  if (keys === undefined) throw new Error('a question came before its keys');
  return { ...sent, keys };
}

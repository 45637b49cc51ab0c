/**
 * Asks a server that breaks every answer off inside its head, while Node's garbage is collected in the worst moments there are: those in
 * which a session has ended and its streams have not. A process of its own: `node --expose-gc --import tsx collecting.ts <case or
 * seed> <rounds>`. Prints what was told, or is killed by an assertion of Node's.
 */
import { createHook } from 'node:async_hooks';
import { aPackage } from '../support/builders.ts';
import { TRUSTING } from '../support/secure-loopback.ts';
import { FLAG, FRAME, field, type Manners, OK, startFrames } from './frames.ts';
import { framesAtRandom } from './frames-at-random.ts';
import { aProject, asking } from './world.ts';

const MANY = Array.from({ length: 400 }, (_, index) => field(`x${index}`, 'y'));

const CASES: Readonly<Record<string, NonNullable<Manners['onRequest']>>> = {
  'half a head, then another frame': (peer, stream) => {
    peer.frame(FRAME.headers, 0, stream, Buffer.concat([OK, field('x', 'y'.repeat(800))]));
    peer.frame(FRAME.data, FLAG.endStream, stream, Buffer.from('{}'));
  },
  'half a head, then the end': (peer, stream) => {
    peer.frame(FRAME.headers, 0, stream, Buffer.concat([OK, field('x', 'y'.repeat(800))]));
    peer.socket.end();
  },
  'a head without an end': (peer, stream) => {
    peer.frame(FRAME.headers, 0, stream, OK);
    peer.forever(() => peer.frame(FRAME.continuation, 0, stream, field('x', 'y'.repeat(8000))));
  },
  'too many headers': (peer, stream) =>
    peer.frame(FRAME.headers, FLAG.endHeaders, stream, Buffer.concat([OK, ...MANY])),
};

const [name = '', rounds = ''] = process.argv.slice(2);
const { gc } = globalThis;
if (gc === undefined) throw new Error('There is no --expose-gc.');
const onRequest = CASES[name];
const server = await startFrames(onRequest === undefined ? framesAtRandom(Number(name)) : { onRequest });
const collecting = createHook({ init: (_, type) => (type === 'Immediate' || type === 'TickObject') && gc() });
const lib = aPackage({ id: { name: 'lib', version: '1.0.0' }, source: { kind: 'registry' } });
const told: string[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const host = aProject([`registry=${server.origin}/`, TRUSTING, 'fetch-retries=1', 'fetch-timeout=200']);
  await asking(host, async (registry) => {
    collecting.enable();
    told.push((await registry.manifest(lib)).status);
  });
  collecting.disable();
}
await server.close();
console.log(told.join(' '));

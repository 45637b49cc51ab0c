/** A server whose answers over HTTP/2 are frames at random: sound ones at wrong places, and wrong ones. */
import { type Chance, chanceOf } from '../cli/garbage.ts';
import { FLAG, FRAME, field, type Manners, OK, type Peer, setting, uint32 } from './frames.ts';

/** Never a whole answer: all data is noise. The same seed and the same requests make the same frames. */
export function framesAtRandom(seed: number): Manners {
  const chance = chanceOf(seed);
  const upTo = (limit: number): number => Math.floor(chance() * limit);
  return {
    onOpen(peer) {
      if (upTo(10) > 0) peer.frame(FRAME.settings, 0, 0, settingAtRandom(chance));
    },
    onRequest(peer, stream) {
      for (let left = 1 + upTo(8); left > 0; left--) sendOne(peer, stream, chance);
    },
  };
}

const WINDOW_UPDATE = 8;

function sendOne(peer: Peer, asked: number, chance: Chance): void {
  const upTo = (limit: number): number => Math.floor(chance() * limit);
  const stream = one([asked, asked, asked, 0, 2, 4, asked + 2], chance);
  const flags = one([0, FLAG.endStream, FLAG.endHeaders, 5, 8, 0x20, 0x2d, upTo(256)], chance);
  const noise = Buffer.from(Array.from({ length: upTo(200) }, () => upTo(256)));
  const { frame, socket } = peer;
  const head = (): void => frame(FRAME.headers, flags, stream, headAtRandom(chance));
  const choices: readonly (() => void)[] = [
    head,
    head,
    () => frame(FRAME.data, flags & ~8, stream, noise),
    () => frame(FRAME.continuation, flags, stream, one([field('z', 'y'.repeat(500)), noise], chance)),
    () => frame(FRAME.reset, 0, stream, uint32(upTo(15))),
    () => frame(FRAME.goaway, 0, 0, uint32(upTo(5), upTo(14))),
    () => frame(FRAME.push, FLAG.endHeaders, stream, Buffer.concat([uint32(2 + 2 * upTo(3)), OK])),
    () => frame(FRAME.ping, upTo(2), 0, Buffer.alloc(7 + upTo(2))),
    () => frame(WINDOW_UPDATE, 0, stream, uint32(one([0, 1, 65_535, 2 ** 31 - 1], chance))),
    () => frame(FRAME.settings, upTo(2), 0, settingAtRandom(chance)),
    () => frame(upTo(256), flags, stream, noise),
    () => upTo(3) === 0 && socket.end(),
  ];
  one(choices, chance)();
}

function headAtRandom(chance: Chance): Buffer {
  const many = Array.from({ length: 200 }, (_, index) => field(`x${index}`, 'y'));
  const status = one(['103', '204', '304', '200', 'x', ''], chance);
  const heads = [
    OK,
    Buffer.concat([OK, field('x', 'y'.repeat(chance() * 3000))]),
    Buffer.concat([OK, field('content-length', String(Math.floor(chance() * 200)))]),
    field(':status', status),
    Buffer.concat([OK, ...many]),
  ];
  return one(heads, chance);
}

function settingAtRandom(chance: Chance): Buffer {
  return setting(Math.floor(chance() * 10), Math.floor(chance() * one([3, 70_000, 2 ** 31], chance)));
}

function one<T>(choices: readonly T[], chance: Chance): T {
  const chosen = choices[Math.floor(chance() * choices.length)];
  if (chosen === undefined) throw new Error('There is nothing to choose from.');
  return chosen;
}

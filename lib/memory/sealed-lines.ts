/** A file of lines that this user sealed, piece by piece: what is new is added without writing the rest again. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { appendTo, readSmallFile, writeWhole } from '../state/index.ts';

/** Where the lines lie, what seals them, and the words that bind the seal to what they are about. */
export type LinesPlace = { readonly file: string; readonly seal: Buffer; readonly about: string };

/** What was found, in how many bytes. `isWhole`: every piece holds, so that more can be added behind the last. */
export type SealedLines = {
  readonly lines: readonly string[];
  readonly size: number;
  readonly isWhole: boolean;
};

// Of a tree so large that its memory would not fit, the rest is proved anew.
const LARGEST = 32 * 1024 * 1024;
const PIECE = 1024 * 1024;
const LENGTH_HEX = 8;
const HEAD = LENGTH_HEX + 64;

/** The lines of every piece up to the first whose seal does not hold. A piece tells by itself when it was true: which are there decides nothing. */
export function readLines(place: LinesPlace): SealedLines {
  const read = readSmallFile(place.file, LARGEST);
  if (read.status === 'unavailable') return { lines: [], size: 0, isWhole: false };
  const lines: string[] = [];
  const size = read.value.length;
  for (let at = 0; at < size; ) {
    const length = Number.parseInt(read.value.toString('latin1', at, at + LENGTH_HEX), 16);
    const body = read.value.subarray(at + HEAD, at + HEAD + length);
    const mac = Buffer.from(read.value.toString('latin1', at + LENGTH_HEX, at + HEAD), 'hex');
    const own = macOf(place, body);
    const holds = body.length === length && mac.length === own.length && timingSafeEqual(mac, own);
    if (!holds) return { lines, size, isWhole: false };
    for (const line of body.toString('utf8').split('\n')) lines.push(line);
    at += HEAD + length;
  }
  return { lines, size, isWhole: true };
}

/** Writes the file anew, whole or not at all. Throws what the system throws. */
export function writeLines(place: LinesPlace, lines: Iterable<string>): void {
  writeWhole(place.file, fitting(piecesOf(place, lines), LARGEST));
}

/** Adds lines behind those that are there. Throws what the system throws. */
export function addLines(place: LinesPlace, { size }: SealedLines, lines: Iterable<string>): void {
  for (const piece of fitting(piecesOf(place, lines), LARGEST - size)) appendTo(place.file, piece);
}

function* fitting(pieces: Iterable<Buffer>, room: number): Iterable<Buffer> {
  let left = room;
  for (const piece of pieces) {
    left -= piece.length;
    if (left < 0) return;
    yield piece;
  }
}

function* piecesOf(place: LinesPlace, lines: Iterable<string>): Iterable<Buffer> {
  let held: string[] = [];
  let size = 0;
  for (const line of lines) {
    held.push(line);
    size += line.length;
    if (size < PIECE) continue;
    yield pieceOf(place, held);
    [held, size] = [[], 0];
  }
  if (held.length > 0) yield pieceOf(place, held);
}

function pieceOf(place: LinesPlace, lines: readonly string[]): Buffer {
  const body = Buffer.from(lines.join('\n'), 'utf8');
  const length = body.length.toString(16).padStart(LENGTH_HEX, '0');
  return Buffer.concat([Buffer.from(length + macOf(place, body).toString('hex'), 'latin1'), body]);
}

function macOf({ seal, about }: LinesPlace, body: Buffer): Buffer {
  return createHmac('sha256', seal).update(about).update(body).digest();
}

/** Alters DER in its structure: fields of certificates, timestamps and signatures, with all lengths around them made to fit. */
import { pick } from './json-mutations.ts';

/** One element. `prefix` stands before what is wrapped in a string: the unused bits of a BIT STRING. */
type Element = {
  readonly tag: number;
  readonly prefix: Buffer;
  readonly content: Buffer;
  readonly children?: readonly Element[];
  readonly form?: 'long' | 'indefinite';
};

/** What was done, and the bytes it came to. */
export type DerMutation = { readonly what: string; readonly bytes: Buffer };

/** One change to the structure; parts of `other` may be put in. `undefined` for what is no DER. */
export function mutateDer(
  bytes: Buffer,
  other: Buffer | undefined,
  dice: () => number,
): DerMutation | undefined {
  const [root, ...more] = parsed(bytes, 0) ?? [];
  if (root === undefined || more.length > 0 || root.children === undefined) return undefined;
  const places = placesIn(root);
  const place = pick(places, dice);
  const change = pick(CHANGES, dice);
  const foreign = other === undefined ? undefined : elementAt(parsed(other, 0)?.[0], place);
  const altered = rebuilt(root, place, (element) => change.make(element, { foreign, dice }));
  if (altered.length !== 1 || altered[0] === undefined) return undefined;
  return { what: `${change.name} at ${place.join('.') || 'the top'}`, bytes: encoded(altered[0]) };
}

type Tools = { readonly foreign: Element | undefined; readonly dice: () => number };
type Change = {
  readonly name: string;
  readonly make: (element: Element, tools: Tools) => readonly Element[];
};

const NULL: Element = { tag: 0x05, prefix: Buffer.alloc(0), content: Buffer.alloc(0) };

const CHANGES: readonly Change[] = [
  { name: 'DER element removed', make: () => [] },
  { name: 'DER element doubled', make: (element) => [element, element] },
  { name: 'DER element given a long length', make: (element) => [{ ...element, form: 'long' }] },
  { name: 'DER element of indefinite length', make: (element) => [{ ...element, form: 'indefinite' }] },
  {
    name: 'DER tag changed',
    make: (element, { dice }) => [{ ...element, tag: element.tag ^ pick([1, 2, 0x20, 0x80], dice) }],
  },
  { name: 'DER null put behind', make: (element) => [element, NULL] },
  {
    name: 'DER null put inside',
    make: (element) => [withChildren(element, [...(element.children ?? []), NULL])],
  },
  {
    name: 'DER elements reversed',
    make: (element) => [withChildren(element, [...(element.children ?? [])].reverse())],
  },
  {
    name: 'DER element emptied',
    make: ({ children: _, ...element }) => [{ ...element, content: Buffer.alloc(0) }],
  },
  { name: 'DER content bit flipped', make: (element, { dice }) => [flipped(element, dice)] },
  { name: 'DER content padded', make: (element) => [padded(element)] },
  { name: 'DER element taken from another', make: (element, { foreign }) => [foreign ?? element] },
];

function withChildren(element: Element, children: readonly Element[]): Element {
  return element.children === undefined ? element : { ...element, children };
}

function flipped(element: Element, dice: () => number): Element {
  if (element.children !== undefined || element.content.length === 0) return element;
  const content = Buffer.from(element.content);
  const index = Math.floor(dice() * content.length);
  content[index] = (content[index] ?? 0) ^ (1 << Math.floor(dice() * 8));
  return { ...element, content };
}

/** A zero in front: the same number, written longer. */
function padded(element: Element): Element {
  if (element.children !== undefined) return element;
  return { ...element, content: Buffer.concat([Buffer.alloc(1), element.content]) };
}

function parsed(bytes: Buffer, depth: number): readonly Element[] | undefined {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = headAt(bytes, at);
    if (head === undefined || depth > 20) return undefined;
    found.push(elementOf(head.tag, bytes.subarray(head.start, head.end), depth));
    at = head.end;
  }
  return found;
}

type Head = { readonly tag: number; readonly start: number; readonly end: number };

/** X.690, 8.1: one tag byte, and a definite length. */
function headAt(bytes: Buffer, at: number): Head | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || first === 0x80) return undefined;
  const size = first < 0x80 ? 0 : first & 0x7f;
  if (size > 4 || at + 2 + size > bytes.length) return undefined;
  const length = size === 0 ? first : bytes.readUIntBE(at + 2, size);
  const start = at + 2 + size;
  return start + length > bytes.length ? undefined : { tag, start, end: start + length };
}

function elementOf(tag: number, content: Buffer, depth: number): Element {
  const prefix = tag === 0x03 && content[0] === 0 ? content.subarray(0, 1) : Buffer.alloc(0);
  const inner = content.subarray(prefix.length);
  const isWrapped = tag === 0x04 || (tag === 0x03 && prefix.length === 1);
  const isNested = (tag & 0x20) !== 0 || (isWrapped && inner.length > 2);
  const children = isNested ? parsed(inner, depth + 1) : undefined;
  return { tag, prefix, content, ...(children === undefined ? {} : { children }) };
}

type Place = readonly number[];

function placesIn(element: Element, place: Place = []): readonly Place[] {
  return [place, ...(element.children ?? []).flatMap((child, index) => placesIn(child, [...place, index]))];
}

function elementAt(element: Element | undefined, [step, ...rest]: Place): Element | undefined {
  return step === undefined ? element : elementAt(element?.children?.[step], rest);
}

function rebuilt(
  element: Element,
  [step, ...rest]: Place,
  make: (element: Element) => readonly Element[],
): readonly Element[] {
  if (step === undefined) return make(element);
  const children = (element.children ?? []).flatMap((child, index) =>
    index === step ? rebuilt(child, rest, make) : [child],
  );
  return [{ ...element, children }];
}

function encoded(element: Element): Buffer {
  const { tag, prefix, content, children, form } = element;
  const body = children === undefined ? content : Buffer.concat([prefix, ...children.map(encoded)]);
  if (form === 'indefinite') return Buffer.concat([Buffer.from([tag, 0x80]), body, Buffer.alloc(2)]);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length, form), body]);
}

function lengthOf(length: number, form?: 'long'): Buffer {
  if (length < 0x80 && form === undefined) return Buffer.from([length]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const short = bytes.subarray(Math.min(3, bytes.findIndex((byte) => byte !== 0) >>> 0));
  const used = form === 'long' ? Buffer.concat([Buffer.alloc(1), short]) : short;
  return Buffer.concat([Buffer.from([0x80 | used.length]), used]);
}

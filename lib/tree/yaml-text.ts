/** Reads the YAML that package managers write into lockfiles: no anchors, no tags, no key twice, quick for megabytes. */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { tame } from '../text/sanitize.ts';
import type { Refusal } from './refusal.ts';
import type { Written, WrittenMap } from './written.ts';

/** Deeper than any lockfile goes. */
const DEEPEST = 16;

/** Each value costs memory before it is understood. The largest real lockfiles have a tenth of this. */
const MOST_VALUES = 1_500_000;

/** One YAML document of a lockfile, and the 1-based line it begins on. */
export type YamlText = { readonly text: string; readonly firstLine: number };

/**
 * Parses one document, whose outermost value is a map. Every value is kept as its text: what `1.10` means is for the format to say. Anything
 * that two parsers could read differently, and that no manager writes, is refused: aliases, anchors, tags, directives, a key twice,
 * a key that is no text. Throws what `refuse` makes.
 */
export function parseYamlText(document: YamlText, { refuse }: Refusal): WrittenMap {
  if (valuesIn(document.text) > MOST_VALUES) throw refuse({}, `holds more than ${MOST_VALUES} values`);
  const [first, ...events] = eventsOf(document, refuse);
  const line = document.firstLine;
  if (first?.type !== EVENT_ID.DOCUMENT) throw refuse({ line }, 'is empty');
  if (first.explicitStart || first.directives.length > 0) {
    throw refuse({ line }, 'has a document mark (---) or a directive (%) where none belongs');
  }
  const { value, rest } = readValue(document, events, refuse);
  if (value.kind !== 'map') throw refuse({ line }, 'is not a YAML map');
  if (rest > 1) throw refuse({}, 'holds more than one YAML document');
  return value;
}

/** The first value of the events, and how many events come after it. */
function readValue(
  { text, firstLine }: YamlText,
  events: readonly Event[],
  refuse: Refusal['refuse'],
): { readonly value: Written; readonly rest: number } {
  const lines = createLineCounter(text, firstLine);
  let next = 0;
  const fault = (problem: string) => refuse({ line: lines.current() }, problem);

  function read(): Written {
    const event = events[next++];
    if (event?.type === EVENT_ID.ALIAS) throw fault('has an alias (*)');
    if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP)
      throw fault('ends in the middle of a value');
    if (event.anchorStart !== -1) throw fault('has an anchor (&)');
    if (event.tagStart !== -1) throw fault('has a tag (!)');
    if (event.type === EVENT_ID.MAPPING) return readMap(lines.at(event.start));
    if (event.type === EVENT_ID.SEQUENCE) return readList(lines.at(event.start));
    const plain = event.style === SCALAR_STYLE.PLAIN;
    return { kind: 'text', text: getScalarValue(text, event), plain, line: lines.at(event.valueStart) };
  }

  function readMap(line: number): WrittenMap {
    const entries = new Map<string, Written>();
    while (events[next]?.type !== EVENT_ID.POP) {
      const key = read();
      if (key.kind !== 'text') throw fault('has a key that is not a text');
      if (entries.has(key.text)) {
        const name = tame(JSON.stringify(key.text), 200);
        throw refuse({ line: key.line }, `has the key ${name} twice in one object`);
      }
      entries.set(key.text, { ...read(), line: key.line });
    }
    next++;
    return { kind: 'map', entries, line };
  }

  function readList(line: number): Written {
    const items: Written[] = [];
    while (events[next]?.type !== EVENT_ID.POP) items.push(read());
    next++;
    return { kind: 'list', items, line };
  }

  return { value: read(), rest: events.length - next };
}

/** At least as many as the parser will find: each stands after one of these. */
function valuesIn(text: string): number {
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Line feed, carriage return, comma, colon, hyphen, question mark, brackets and braces.
    if (
      code === 10 ||
      code === 13 ||
      code === 44 ||
      code === 58 ||
      code === 63 ||
      code === 91 ||
      code === 123
    )
      values++;
  }
  return values;
}

function eventsOf({ text, firstLine }: YamlText, refuse: Refusal['refuse']): readonly Event[] {
  try {
    return parseEvents(text, { maxDepth: DEEPEST });
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    // The parser's own message quotes the file.
    const line = firstLine + (cause.mark?.line ?? 0);
    throw refuse(
      { line },
      /depth|nest/i.test(cause.reason) ? 'is nested too deeply' : 'is not valid YAML',
      cause,
    );
  }
}

/** Offsets are asked for in rising order, so the text is gone through once. */
function createLineCounter(text: string, firstLine: number) {
  let line = firstLine;
  let feed = text.indexOf('\n');
  return {
    at(offset: number): number {
      for (; feed !== -1 && feed < offset; feed = text.indexOf('\n', feed + 1)) line++;
      return line;
    },
    current: () => line,
  };
}

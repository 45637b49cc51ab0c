/** The only YAML reader: the core schema, read strictly; files that are JSON must be JSON. */
import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import {
  anEmptyRecord,
  createLineNotes,
  type DocumentPath,
  MAX_DEPTH,
  malformed,
  type ParsedDocument,
  refuseOversize,
} from './document.ts';
import { isJson, parseJson } from './json.ts';
import { tame } from './sanitize.ts';

export type { DocumentPath, ParsedDocument } from './document.ts';

const MAX_ALIASES = 32;
const MAX_LEXEMES = 200_000;

// Core schema (YAML 1.2, section 10.3): dates, `on` and `off` stay strings. Merge keys and the tags of YAML 1.1 are unknown to it.
const STRICT = {
  schema: 'core',
  version: '1.2',
  strict: true,
  merge: false,
  resolveKnownTags: false,
  stringKeys: true,
  // Compared below, each key once: the library compares every key with every other.
  uniqueKeys: false,
  prettyErrors: false,
} as const;

/** Our words for the library's codes; its own messages quote the file, which may hold a secret. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['BAD_INDENT', 'is not valid YAML: the indentation is wrong, or a bracket is not closed'],
  ['BLOCK_AS_IMPLICIT_KEY', 'is not valid YAML: one line holds two keys, or a value with ": " lacks quotes'],
  ['NON_STRING_KEY', 'has a key that is not text'],
  ['RESOURCE_EXHAUSTION', 'is nested too deeply'],
  ['TAB_AS_INDENT', 'is not valid YAML: it is indented with a tab'],
  ['TAG_RESOLVE_FAILED', 'has a tag (!), which is not read'],
]);

/**
 * Parses one YAML document of at most 1 MiB. JSON instead where the file is named `.json`, or has no extension and starts with `{`.
 * Refused: a key twice, tags, directives, a second document, more than 32 aliases, deep nesting. Numbers, dates and the like follow
 * the core schema: `2027-03-01` is text. Throws `PolicyFileError` (`POLICY_INVALID`) with file and line.
 */
export function parseYaml(text: string, file: string): ParsedDocument {
  if (isJson(text, file)) return parseJson(text, file);
  refuseOversize(text, file);
  const counter = new LineCounter();
  const place = { file, lineAt: (offset: number) => counter.linePos(offset).line };
  const document = compose(text, counter, place);
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const message = WORDS.get(fault.code) ?? 'is not valid YAML';
    throw malformed({ file, line: place.lineAt(fault.pos[0]), message });
  }
  return readDocument(document, place);
}

type Place = { readonly file: string; readonly lineAt: (offset: number) => number };

function compose(text: string, counter: LineCounter, { file, lineAt }: Place): Document.Parsed {
  const documents = [...new Composer(STRICT).compose(tokensOf(text, counter, file), true, text.length)];
  const [document, second] = documents;
  if (document === undefined) throw malformed({ file, message: 'is not valid YAML' });
  if (second !== undefined) {
    throw malformed({ file, line: lineAt(second.range[0]), message: 'holds more than one YAML document' });
  }
  return document;
}

// The library finds deep nesting by overflowing the stack, which can end the process. So it is fed one lexeme at a time and
// stopped before its stack is deep.
function tokensOf(text: string, counter: LineCounter, file: string): readonly CST.Token[] {
  const parser = new Parser(counter.addNewLine);
  const tokens: CST.Token[] = [];
  const refuse = (message: string) => malformed({ file, line: counter.linePos(parser.offset).line, message });
  let [lexemes, aliases] = [0, 0];
  counter.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme.startsWith('*')) aliases += 1;
    lexemes += 1;
    tokens.push(...parser.next(lexeme));
    // Each level of the document is at most two deep here: a collection, and the item being built.
    if (parser.stack.length > 2 * MAX_DEPTH) throw refuse('is nested too deeply');
    if (aliases > MAX_ALIASES) throw refuse('has too many aliases');
    if (lexemes > MAX_LEXEMES) throw refuse('holds too many values');
    if (tokens.at(-1)?.type === 'directive') throw refuse('has a directive (%), which is not read');
  }
  return [...tokens, ...parser.end()];
}

function readDocument(document: Document.Parsed, { file, lineAt }: Place): ParsedDocument {
  const notes = createLineNotes(file);
  const lineOf = (node: Node): number => lineAt(node.range?.[0] ?? 0);

  // An alias is read again at each of its places, so `notes` counts what it expands to and ends one that holds itself.
  function read(node: unknown, path: DocumentPath): unknown {
    if (isAlias(node)) return read(targetOf(node), path);
    if (!isNode(node)) return null;
    if (node.tag !== undefined) {
      throw malformed({ file, line: lineOf(node), message: 'has a tag (!), which is not read' });
    }
    if (isMap(node)) return readMap(node, path);
    return isSeq(node) ? readSeq(node, path) : isScalar(node) ? node.value : null;
  }

  function readMap(map: YAMLMap, path: DocumentPath): unknown {
    const record = anEmptyRecord();
    for (const { key, value } of map.items) {
      const name = read(key, path);
      const line = isNode(key) ? lineOf(key) : lineOf(map);
      if (typeof name !== 'string') throw malformed({ file, line, message: 'has a key that is not text' });
      if (name in record) throw malformed({ file, line, message: `has the key "${tame(name, 60)}" twice` });
      notes.note([...path, name], line);
      record[name] = read(value, [...path, name]);
    }
    return record;
  }

  function readSeq(seq: YAMLSeq, path: DocumentPath): unknown {
    return seq.items.map((item, index) => {
      notes.note([...path, index], lineOf(isNode(item) ? item : seq));
      return read(item, [...path, index]);
    });
  }

  function targetOf(alias: Alias): Node {
    const target = alias.resolve(document);
    if (target !== undefined) return target;
    throw malformed({ file, line: lineOf(alias), message: 'has an alias without its anchor before it' });
  }

  return { value: read(document.contents, []), lineOf: notes.lineOf };
}

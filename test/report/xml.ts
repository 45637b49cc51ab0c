/** Reads just enough XML to hold a document to being well formed (XML 1.0, sections 2.1 and 2.4). */
import assert from 'node:assert/strict';

/** Asserts that tags match and that nothing unescaped is left between them. Returns the element names in order. */
export function assertWellFormed(document: string): readonly string[] {
  const tag = /<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>/g;
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  assert.notEqual(body, document, 'there is no XML declaration');
  const names: string[] = [];
  const open: string[] = [];
  for (const [, closing, name = '', , empty] of body.matchAll(tag)) {
    if (closing === '/') assert.equal(open.pop(), name);
    else {
      names.push(name);
      if (empty === '') open.push(name);
    }
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(body.replace(tag, ''), /[<>]/, 'an unescaped angle bracket');
  assert.doesNotMatch(body, /&(?!(?:amp|lt|gt|quot|apos);)/, 'an unescaped ampersand');
  assert.doesNotMatch(body, /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/, 'a character XML cannot hold');
  return names;
}

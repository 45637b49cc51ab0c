/** Makes strings from strangers harmless: no control or bidi characters, no credentials, no workflow commands. */

// C0 and C1 controls, DEL, line and paragraph separators, bidirectional marks and overrides (Unicode TR9, TR36),
// zero-width characters, soft hyphen, tags, and lone surrogates.
const HARMFUL =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

// The runner of GitHub Actions obeys `##[command]` anywhere in a line of a step's output, and Azure Pipelines `##vso[command]`.
// Characters that take no room may stand between: its search compares by culture, which skips them.
const DOUBLE_HASH = /#(?=[\p{Default_Ignorable_Code_Point}\p{M}]*#)/gu;

/** No more than this is looked at, so that a stranger's megabyte costs nothing. */
const TAMED_INPUT = 20_000;

// Each is linear in its text: bounded, or unable to fail after a long run. Text from strangers can be long.
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/]{0,2000}@/gi, '$1***@'],
  [
    /\b(npm_[A-Za-z0-9]{30,}|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[\w-]{20,})/g,
    '***',
  ],
  // A JSON Web Token, whole or torn: `{"` in base64.
  [/\beyJ[\w-]{8,}(?:\.[\w-]+){0,2}/g, '***'],
  [/\b(bearer|basic)\s{1,20}[\w~+/.=-]{8,}/gi, '$1 ***'],
  [/(_authToken|_auth|_password)(["']?[ \t]{0,20}[=:][ \t]{0,20}["']?)[^&\s"']+/gi, '$1$2***'],
  [/([?&](?:token|access_token|api_key|password|sig(?:nature)?))=[^&\s"']+/gi, '$1=***'],
];

/** Replaces every harmful character by a visible `\u{…}` escape. The result is one line. */
export function visible(text: string): string {
  return text.replace(HARMFUL, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Replaces anything that looks like a credential: userinfo in URLs, tokens, authorization headers. */
export function redact(text: string): string {
  return CREDENTIALS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/** Breaks workflow commands that take effect in the middle of a line. */
export function inert(text: string): string {
  return text.includes('#') ? text.replace(DOUBLE_HASH, '\\u{23}') : text;
}

/** All three, and at most `limit` characters: what may reach a terminal, a log or a report. */
export function tame(text: string, limit = 500): string {
  if (text.length <= limit && isPlain(text)) return text;
  const safe = inert(visible(redact(text.slice(0, TAMED_INPUT))));
  if (safe.length <= limit && text.length <= TAMED_INPUT) return safe;
  // A cut through a surrogate pair would leave half a character.
  return `${safe.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

// Most strings are printable ASCII without any of the marks a credential begins with: one look instead of a dozen replacements.
function isPlain(text: string): boolean {
  return (
    /^[ -~]*$/.test(text) &&
    !/@|##|npm_|gh[opsur]_|github_pat_|glpat-|eyJ|bearer|basic|_auth|_password|=/i.test(text)
  );
}

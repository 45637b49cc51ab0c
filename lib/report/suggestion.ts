/** Renders a proposed policy edit as YAML to read, weigh and paste; nothing is applied. */
import type { Suggestion } from '../model/suggestion.ts';
import { visible } from '../text/sanitize.ts';
import { defused } from './layout.ts';

/** The proposal as text, ending in a newline; empty when nothing needs an edit. */
export function renderSuggestion({ overrides, exemptions, refused }: Suggestion): string {
  const edit = [
    ...section('overrides', overrides.map(overrideLines)),
    ...section('exemptions', exemptions.map(exemptionLines)),
  ];
  const lines = [
    ...(edit.length === 0
      ? []
      : [
          '',
          '# The smallest policy edit that would let this pass. Nothing was changed: read each line first.',
          ...edit,
        ]),
    ...(refused.length === 0
      ? []
      : [
          '',
          '# No edit is proposed for these: they are signs of tampering, or could not be found out.',
          ...refused.map((text) => `#   ${visible(text)}`),
        ]),
  ];
  return lines.length === 0 ? '' : defused(`${lines.join('\n')}\n`);
}

function section(name: string, entries: readonly (readonly string[])[]): readonly string[] {
  return entries.length === 0 ? [] : [`${name}:`, ...entries.flat()];
}

function overrideLines({
  package: name,
  check,
  options,
}: Suggestion['overrides'][number]): readonly string[] {
  const written = Object.entries(options).map(
    ([option, values]) => `${option}: [${values.map(quoted).join(', ')}]`,
  );
  return [`  - packages: [${quoted(name)}]`, `    checks: { ${check}: [error, { ${written.join(', ')} }] }`];
}

function exemptionLines(exemption: Suggestion['exemptions'][number]): readonly string[] {
  return [
    `  - package: ${quoted(exemption.package)}`,
    `    checks: [${exemption.checks.join(', ')}]`,
    `    reason: ${quoted(exemption.reason)}`,
    `    expires: ${exemption.expires}`,
  ];
}

// A JSON string is a YAML string, with every stranger's character escaped.
function quoted(text: string): string {
  return JSON.stringify(visible(text));
}

/** Words what a registry serves of a release, for a terminal. */
import type { PublishedCheck } from '../index.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';

/** One line for each thing that was looked at, the verdict first. */
export function renderPublished({ id, registry, findings, effect }: PublishedCheck): string {
  const verdict = {
    pass: 'serves what was signed',
    fail: 'does not serve what was signed',
    unverified: 'could not be asked about everything',
  }[effect];
  const words = { pass: 'ok     ', fail: 'FAIL   ', unknown: 'unknown' } as const;
  const lines = findings.map(({ about, answer, because }) => `  ${words[answer]} ${about}: ${because}`);
  return `${[`npmsign: ${specOf(id)}: ${tame(registry, 200)} ${verdict}`, ...lines].join('\n')}\n`;
}

/** Has this version been public for long enough? */
import type { Answer } from '../model/report.ts';
import { defineCheck, fail, pass, type Subject, skip, unknown } from './define.ts';
import { type PublishTime, publishTimeOf } from './publish-time.ts';
import { DAY, timeWords } from './time.ts';
import { bundledReason, isOwnCode, kindWords, ownCodeReason } from './words.ts';

/** Clocks of build machines, logs and laptops differ by a little. */
const SKEW = 10 * 60_000;

/** Was it public N days ago, to the second? */
export const minimumAge = defineCheck({
  id: 'minimum-age',
  question: 'Has this version been public for at least N days?',
  about:
    'Most malicious releases are found and removed within hours; waiting costs little. Locked versions wait too, because lockfiles ' +
    'are updated by machines. A logged time is proved; a time the registry tells is only told, and the answer says which. What is ' +
    'not published to a registry has no publish time: package-source judges it.',
  restsOn: 'proof if logged, else told',
  ask(subject, { days }) {
    const { source } = subject.package;
    if (isOwnCode(source)) return skip(ownCodeReason(source));
    if (source.kind === 'bundled') return skip(bundledReason(source.inside));
    if (source.kind !== 'registry') {
      return skip(
        `${kindWords(source.kind)} has no publish time; package-source decides whether it may be used`,
      );
    }
    const published = publishTimeOf(subject);
    return published.kind === 'unknown'
      ? untimed(subject, published.because)
      : aged(published, { now: subject.now, days });
  },
});

function untimed({ evidence: { manifest } }: Subject, because: string): Answer {
  return manifest.status === 'absent'
    ? fail(manifest.reason ?? 'the registry has no such version')
    : unknown(because);
}

type Known = Exclude<PublishTime, { readonly kind: 'unknown' }>;

function aged(published: Known, { now, days }: { readonly now: Date; readonly days: number }): Answer {
  const age = now.getTime() - published.at;
  const bound = published.kind === 'noLaterThan' ? 'no later than ' : '';
  const found = `published ${bound}${timeWords(published.at)} (${wordsFor(published)})`;
  if (age < -SKEW) {
    return unknown(
      `${found}, which is later than this machine's clock (${timeWords(now.getTime())})`,
      'Set the clock, and run again.',
    );
  }
  if (age >= days * DAY) return pass(`${found}, ${ageWords(age)} ago`);
  if (published.kind === 'noLaterThan') return unknown(`${found}; nothing tells the exact time`);
  const until = timeWords(published.at + days * DAY);
  return fail(
    `${found}, ${ageWords(age)} ago; the policy waits ${days === 1 ? '1 day' : `${days} days`}`,
    `Use an earlier version, or wait until ${until}.`,
  );
}

function wordsFor({ kind, by }: Known): string {
  return kind === 'proved' ? `proved by ${by}` : by;
}

function ageWords(age: number): string {
  const [days, hours] = [Math.floor(age / DAY), Math.floor(age / 3_600_000)];
  if (days >= 2) return `${days} days`;
  if (hours >= 2) return `${hours} hours`;
  return `${Math.max(0, Math.floor(age / 60_000))} minutes`;
}

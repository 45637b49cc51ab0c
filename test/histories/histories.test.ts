import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NOW } from '../support/host.ts';
import { inventedSequence } from './releases.ts';
import { STORIES } from './stories.ts';
import type { Story } from './telling.ts';
import { type Outcome, outcomeOf, thiefOutcomeOf } from './verdicts.ts';

/** Of each story; 300 and some in all. */
const HISTORIES = 20;

describe('provenance-regression over histories of every shape', () => {
  const told = new Map(STORIES.map((story) => [story, outcomesOf(story, outcomeOf)]));

  it('is shown 300 histories', () => {
    const count = [...told.values()].reduce((total, outcomes) => total + outcomes.length, 0);
    assert.ok(count >= 300, `only ${count}`);
  });

  for (const [story, outcomes] of told) {
    const { title } = story;
    it(`gives the alarms that are due, and no other: ${title}`, () => {
      assert.ok(outcomes.length >= 5, `only ${outcomes.length} histories`);
      assert.deepEqual(
        outcomes.flatMap(({ wrong }) => wrong),
        [],
      );
      assert.deepEqual(
        outcomes.flatMap(({ missed }) => missed),
        [],
      );
    });

    // What cannot be found out stops an install as well: where times are told, there is no such answer.
    if (story.isUndated !== true) {
      it(`finds out the order of releases: ${title}`, () =>
        assert.deepEqual(
          outcomes.flatMap(({ open }) => open),
          [],
        ));
    }
  }

  const alarming = STORIES.filter(({ ends }) => ends === 'without');
  it('has alarms to give where a project goes back to releases by hand', () => {
    for (const story of alarming)
      assert.ok(
        told.get(story)?.some(({ right }) => right > 0),
        story.title,
      );
  });

  for (const story of STORIES.filter(
    ({ ends, title }) => ends === 'with proof' && title !== STORIES[0]?.title,
  )) {
    it(`refuses a thief's release at the end of it: ${story.title}`, () => {
      const outcomes = outcomesOf(story, thiefOutcomeOf);
      assert.ok(outcomes.length >= 5, `only ${outcomes.length} histories`);
      for (const { alarms, judged } of outcomes)
        assert.deepEqual({ alarms, judged }, { alarms: 1, judged: 1 });
    });
  }
});

function outcomesOf(story: Story, replay: typeof outcomeOf): readonly Outcome[] {
  return Array.from({ length: HISTORIES }, (_, n) => inventedSequence(`${story.title} ${n}`)).flatMap(
    (sequence) => replay(story, sequence, NOW) ?? [],
  );
}

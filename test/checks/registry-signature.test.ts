import { describe, it } from 'node:test';
import { registrySignature } from '../../lib/checks/registry-signature.ts';
import { proved } from '../support/builders.ts';
import { assertAnswer, having } from './subjects.ts';

const required = { required: true };

describe('registry-signature', () => {
  for (const [timeFrom, words] of [
    ['log', /valid at the logged publish time/],
    ['told', /valid at the publish time the registry tells/],
    ['unknown', /whose expiry no publish time was held against/],
  ] as const) {
    it(`says what the key's validity rests on: ${timeFrom}`, () => {
      const subject = having({ signature: proved({ keyid: 'SHA256:acme', timeFrom }) });
      assertAnswer(registrySignature.ask(subject, required), 'pass', words);
    });
  }

  it('shows a hostile key id harmless', () => {
    const subject = having({ signature: proved({ keyid: 'a\u001b[2J\n::error::', timeFrom: 'log' }) });
    assertAnswer(registrySignature.ask(subject, required), 'pass', /a\\u\{1b\}\[2J\\u\{a\}::error::/);
  });
});

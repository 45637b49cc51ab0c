import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subject } from '../../lib/checks/define.ts';
import { lockfileResolved } from '../../lib/checks/lockfile-resolved.ts';
import { aManifest, aPackage, told } from '../support/builders.ts';
import { assertAnswer, from, having, PLACES } from './subjects.ts';

const LISTED = 'https://registry.example/@acme/lib/-/lib-1.2.3.tgz';

function resolved(url: string | undefined, tarballs: readonly string[] = [LISTED]): Subject {
  const source = url === undefined ? PLACES.registry : ({ kind: 'registry', resolved: url } as const);
  return having({ manifest: told(aManifest({ tarballs })) }, aPackage({ source }));
}

describe('lockfile-resolved', () => {
  const cases = [
    ['passes the listed URL', LISTED, 'pass', /the URL the registry lists/],
    [
      'passes an escaped scope',
      'https://registry.example/%40acme%2flib/-/lib-1.2.3.tgz',
      'pass',
      /the registry lists/,
    ],
    ['passes the default port', LISTED.replace('.example/', '.example:443/'), 'pass', /the registry lists/],
    ['passes a fragment, which no server sees', `${LISTED}#0123abcd`, 'pass', /the registry lists/],
    [
      'passes another spelling of the host',
      LISTED.replace('registry', 'REGISTRY'),
      'pass',
      /the registry lists/,
    ],
    [
      'refuses another package on the same host',
      LISTED.replaceAll('lib', 'evil'),
      'fail',
      /names another tarball/,
    ],
    [
      'refuses another version on the same host',
      LISTED.replace('1.2.3', '1.2.4'),
      'fail',
      /names another tarball/,
    ],
    ['refuses another scope', LISTED.replace('@acme', '@evil'), 'fail', /names another tarball/],
    ['refuses the listed path with a query', `${LISTED}?evil`, 'fail', /names another tarball/],
    ['refuses a way out of the path', LISTED.replace('/-/', '/-/..%2f-/'), 'fail', /names another tarball/],
    ['refuses another case of the path', LISTED.replace('lib-', 'Lib-'), 'fail', /names another tarball/],
    [
      'refuses the same path on another host',
      LISTED.replace('registry', 'evil'),
      'fail',
      /no registry in use/,
    ],
    ['refuses another port', LISTED.replace('.example/', '.example:8443/'), 'fail', /no registry in use/],
    ['refuses plain http', LISTED.replace('https', 'http'), 'fail', /not over https/],
    [
      'refuses credentials',
      LISTED.replace('https://', 'https://me:secret@'),
      'fail',
      /carries credentials: https:\/\/\*\*\*@/,
    ],
    [
      'refuses a host disguised as credentials',
      'https://registry.example@evil.example/@acme/lib/-/lib-1.2.3.tgz',
      'fail',
      /credentials/,
    ],
    ['refuses what is no URL', 'registry.example/lib.tgz', 'fail', /not an http or https URL/],
    ['refuses a file URL', 'file:///tmp/lib.tgz', 'fail', /not an http or https URL/],
  ] as const;
  for (const [name, url, kind, because] of cases) {
    it(name, () => assertAnswer(lockfileResolved.ask(resolved(url), { hosts: [] }), kind, because));
  }

  it('passes an entry without a URL', () =>
    assertAnswer(lockfileResolved.ask(resolved(undefined), { hosts: [] }), 'pass', /states no URL/));

  it('says how to allow a host that is another name of the registry, and never how to allow a pattern', () => {
    const hintAt = (host: string) => {
      const answer = lockfileResolved.ask(resolved(LISTED.replace('registry.example', host)), { hosts: [] });
      return answer.kind === 'fail' ? (answer.hint ?? '') : '';
    };
    assert.match(hintAt('other.example:8443'), /"hosts": \["other\.example:8443"\]/);
    for (const host of ['*', '**', '*.example', 'a"b.example', 'a,b.example']) {
      assert.match(hintAt(host), /name the host in hosts/, host);
    }
  });

  it('passes the listed path on an allowed host, and refuses another path there', () => {
    const hosts = ['*.cdn.example', 'mirror.example:8443'];
    const at = (host: string) => resolved(LISTED.replace('registry.example', host));
    assertAnswer(
      lockfileResolved.ask(at('eu.cdn.example'), { hosts }),
      'pass',
      /eu\.cdn\.example, which the policy allows/,
    );
    assertAnswer(lockfileResolved.ask(at('mirror.example:8443'), { hosts }), 'pass', /the policy allows/);
    assertAnswer(lockfileResolved.ask(at('mirror.example'), { hosts }), 'fail', /no registry in use/);
    assertAnswer(
      lockfileResolved.ask(at('eu.cdn.example.evil.example'), { hosts }),
      'fail',
      /no registry in use/,
    );
    const other = resolved('https://eu.cdn.example/@acme/evil/-/evil-1.2.3.tgz');
    assertAnswer(lockfileResolved.ask(other, { hosts }), 'fail', /names another tarball/);
  });

  for (const [host, kind] of [
    ['127.0.0.1:4873', 'pass'],
    ['127.9.9.9', 'pass'],
    ['[::1]:4873', 'pass'],
    ['localhost:4873', 'pass'],
    ['127.0.0.1.evil.example', 'fail'],
    ['localhost.evil.example', 'fail'],
    ['10.0.0.1', 'fail'],
  ] as const) {
    it(`answers ${kind} for plain http on ${host}`, () => {
      const url = `http://${host}/lib.tgz`;
      assertAnswer(
        lockfileResolved.ask(resolved(url, [url]), { hosts: [] }),
        kind,
        /the registry lists|not over https/,
      );
    });
  }

  it('refuses a version the registry does not have, and one it lists no tarball for', () => {
    const none = having({ manifest: { status: 'absent' } });
    assertAnswer(lockfileResolved.ask(none, { hosts: [] }), 'fail', /no such version/);
    assertAnswer(
      lockfileResolved.ask(resolved(LISTED, []), { hosts: ['**'] }),
      'fail',
      /lists no tarball at all/,
    );
  });

  it('is unknown when the registry could not be asked', () => {
    const subject = having({ manifest: { status: 'unavailable', reason: 'timed out' } });
    assertAnswer(lockfileResolved.ask(subject, { hosts: ['**'] }), 'unknown', /timed out/);
  });

  it('passes a plain URL only on an allowed host, over https', () => {
    assertAnswer(
      lockfileResolved.ask(from('remote'), { hosts: ['files.example'] }),
      'pass',
      /files\.example/,
    );
    assertAnswer(
      lockfileResolved.ask(from('remote'), { hosts: ['other.example'] }),
      'fail',
      /not an allowed host/,
    );
    const plain = from('remote', { source: { kind: 'remote', resolved: 'http://files.example/a.tgz' } });
    assertAnswer(lockfileResolved.ask(plain, { hosts: ['files.example'] }), 'fail', /not over https/);
  });

  it('skips what has no tarball URL', () => {
    for (const kind of ['git', 'file', 'bundled', 'workspace', 'link'] as const) {
      assertAnswer(lockfileResolved.ask(from(kind), { hosts: [] }), 'skip', /./);
    }
  });
});

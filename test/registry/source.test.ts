/** A lockfile can choose only among registries that the configuration or the policy names. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RegistryPolicy } from '../../lib/model/policy.ts';
import { sourceFor, tarballUrls } from '../../lib/registry/source.ts';
import { aPackage } from '../support/builders.ts';

const PUBLIC = 'https://public.example/';
const MIRROR = 'https://mirror.acme.example/npm/';
const PRIVATE = 'https://npm.acme.example/';

const POLICIES: readonly RegistryPolicy[] = [
  { url: MIRROR, mirrorOf: 'npm', evidence: 'npm' },
  { url: PRIVATE, keys: '/project/keys.json' },
];

type Case = {
  readonly registry?: string;
  readonly scoped?: string;
  readonly replaceHost?: string;
  readonly resolved?: string;
};

function asked({ registry = PUBLIC, scoped, replaceHost = 'npmjs', resolved }: Case) {
  const config = { publicRegistry: PUBLIC, registry, replaceHost, scopeRegistry: () => scoped };
  const source =
    resolved === undefined ? ({ kind: 'registry' } as const) : ({ kind: 'registry', resolved } as const);
  return sourceFor({ config, policies: POLICIES }, aPackage({ source }));
}

describe('sourceFor', () => {
  const cases: readonly (readonly [string, Case, string])[] = [
    ['the configured registry without a URL', { registry: MIRROR }, MIRROR],
    [
      'the configured registry for a public URL',
      { registry: MIRROR, resolved: `${PUBLIC}lib/-/lib-1.2.3.tgz` },
      MIRROR,
    ],
    [
      'the public registry when its host is never replaced',
      { registry: MIRROR, replaceHost: 'never', resolved: `${PUBLIC}x.tgz` },
      PUBLIC,
    ],
    ['the policy’s registry for a URL below it', { resolved: `${MIRROR}lib/-/lib-1.2.3.tgz` }, MIRROR],
    [
      'the configured registry when every host is replaced',
      { replaceHost: 'always', resolved: `${MIRROR}x.tgz` },
      PUBLIC,
    ],
    ['the configured registry for an unknown host', { resolved: 'https://evil.example/lib.tgz' }, PUBLIC],
    ['the configured registry for an inner address', { resolved: 'http://169.254.169.254/latest/' }, PUBLIC],
    ['the configured registry for a path that climbs out', { resolved: `${MIRROR}../other/x.tgz` }, PUBLIC],
    ['the configured registry for an encoded climb', { resolved: `${MIRROR}%2e%2e/other/x.tgz` }, PUBLIC],
    [
      'the configured registry for a host inside userinfo',
      { resolved: 'https://mirror.acme.example@evil.example/npm/x' },
      PUBLIC,
    ],
    ['the configured registry for another scheme', { resolved: MIRROR.replace('https', 'http') }, PUBLIC],
    [
      'the scope’s registry, whatever the lockfile says',
      { scoped: PRIVATE, resolved: `${MIRROR}x.tgz` },
      PRIVATE,
    ],
  ];
  for (const [what, given, url] of cases) {
    it(`asks ${what}`, () => assert.equal(asked(given).url, url));
  }

  it('judges the public registry by the keys of the trust root', () => {
    assert.deepEqual(asked({}), { url: PUBLIC, isNpm: true, evidenceUrl: PUBLIC, keys: { kind: 'npm' } });
  });

  it('judges a declared mirror as the public registry, and asks that one for evidence', () => {
    assert.deepEqual(asked({ registry: MIRROR }), {
      url: MIRROR,
      isNpm: true,
      evidenceUrl: PUBLIC,
      keys: { kind: 'npm' },
    });
  });

  it('judges an undeclared registry by its own keys', () => {
    const url = 'https://other.example/';
    assert.deepEqual(asked({ registry: url }), {
      url,
      isNpm: false,
      evidenceUrl: url,
      keys: { kind: 'registry', url },
    });
  });

  it('takes the keys of the policy’s file instead of a registry’s own', () => {
    assert.deepEqual(asked({ scoped: PRIVATE }).keys, { kind: 'file', path: '/project/keys.json' });
  });

  it('does not let plain http to the public registry bring its own keys', () => {
    const { isNpm, keys } = asked({ registry: PUBLIC.replace('https', 'http') });
    assert.deepEqual([isNpm, keys], [true, { kind: 'npm' }]);
  });
});

describe('tarballUrls', () => {
  const path = 'lib/-/lib-1.2.3.tgz';
  const cases: readonly (readonly [string, string | undefined, readonly string[], readonly string[]])[] = [
    [
      'one listing below all bases',
      `${PUBLIC}${path}`,
      [MIRROR, PUBLIC],
      [`${PUBLIC}${path}`, `${MIRROR}${path}`],
    ],
    [
      'a mirror’s listing on the public registry',
      `${MIRROR}${path}`,
      [MIRROR, PUBLIC],
      [`${MIRROR}${path}`, `${PUBLIC}${path}`],
    ],
    ['a listing elsewhere as it is', 'https://cdn.example/x.tgz', [PUBLIC], ['https://cdn.example/x.tgz']],
    ['a listing with a query as it is', `${PUBLIC}${path}?a`, [MIRROR, PUBLIC], [`${PUBLIC}${path}?a`]],
    [
      'a listing in plain http also as https',
      `http://public.example/${path}`,
      [PUBLIC],
      [`http://public.example/${path}`, `${PUBLIC}${path}`],
    ],
    ['nothing as nothing', undefined, [PUBLIC], []],
    [
      'a path of a scope below all bases',
      `${MIRROR}@acme/lib/-/lib-1.2.3.tgz`,
      [MIRROR, PUBLIC],
      [`${MIRROR}@acme/lib/-/lib-1.2.3.tgz`, `${PUBLIC}@acme/lib/-/lib-1.2.3.tgz`],
    ],
    ['a listing that climbs out as it is', `${MIRROR}../${path}`, [MIRROR], [`${MIRROR}../${path}`]],
    ['an encoded climb as it is', `${MIRROR}%2E%2e/${path}`, [MIRROR], [`${MIRROR}%2E%2e/${path}`]],
    ['a base alone as it is', MIRROR, [MIRROR, PUBLIC], [MIRROR]],
    [
      'a listing below a base and a wider one by the first',
      `${MIRROR}${path}`,
      ['https://mirror.acme.example/', MIRROR],
      [`${MIRROR}${path}`, `${MIRROR}npm/${path}`],
    ],
  ];
  for (const [what, listed, bases, urls] of cases) {
    it(`reads ${what}`, () => assert.deepEqual([...tarballUrls(listed, bases)].sort(), [...urls].sort()));
  }

  // Whether a path is plain is told without parsing it; the parser has the last word on what it says.
  const characters = Array.from({ length: 0x101 }, (_, code) => String.fromCharCode(code));
  for (const [where, listing] of [
    ['begins a part', (one: string) => `${MIRROR}lib/${one}x.tgz`],
    ['stands within one', (one: string) => `${MIRROR}li${one}b/x.tgz`],
    ['ends one', (one: string) => `${MIRROR}lib/x${one}`],
    ['is all of one', (one: string) => `${MIRROR}lib/${one}/x.tgz`],
  ] as const) {
    it(`reads every character as a parser of URLs does where it ${where}`, () => {
      for (const listed of characters.map(listing)) {
        const { href } = new URL(listed);
        const isPlain = href.startsWith(MIRROR) && !/[?#]/.test(href);
        const path = isPlain ? href.slice(MIRROR.length) : undefined;
        const urls = path === undefined ? [listed] : [listed, MIRROR + path, PUBLIC + path];
        assert.deepEqual(tarballUrls(listed, [MIRROR, PUBLIC]), [...new Set(urls)], JSON.stringify(listed));
      }
    });
  }
});

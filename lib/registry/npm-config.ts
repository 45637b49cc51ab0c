/** Reads npm's own configuration: which registry, with which credentials, through which proxy. */
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

import Config from '@npmcli/config';
import settings from '@npmcli/config/lib/definitions/index.js';

import { RegistryError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Notice } from '../model/report.ts';
import { readSmallFile } from '../state/index.ts';
import { tame } from '../text/sanitize.ts';
import { type Credentials, credentialsIn, hostSettingsIn } from './credentials.ts';
import { type ProxySettings, proxyFor } from './proxy.ts';

/** How long and how often to try; milliseconds. */
export type Patience = {
  /** Attempts after the first. */
  readonly retries: number;
  /** Wait before the first retry; doubles with each. */
  readonly backOff: number;
  /** Longest time for one whole answer. */
  readonly total: number;
};

/** What npm's configuration says, in the words this folder needs. URLs are normal and end in a slash. */
export type NpmConfig = {
  /** The public npm registry: npm's own default, whatever is configured. */
  readonly publicRegistry: string;
  readonly registry: string;
  /** The registry configured for this package's scope, if one is. */
  readonly scopeRegistry: (name: string) => string | undefined;
  /** `replace-registry-host`: `npmjs`, `never`, `always`, or a host. */
  readonly replaceHost: string;
  readonly credentialsFor: (url: URL | string) => Credentials;
  /** The proxy to go through, if any. */
  readonly proxyFor: (url: URL) => string | undefined;
  /** Certificate authorities to trust instead of Node's. */
  readonly ca: readonly string[] | undefined;
  readonly strictSsl: boolean;
  /** npm's cache directory. */
  readonly cache: string;
  readonly patience: Patience;
  /** The wait before the first retry that npm itself would keep, milliseconds. */
  readonly firstWait: number;
  /** The files it is read from, whether or not they are there. */
  readonly files: readonly string[];
  readonly notices: readonly Notice[];
};

// npm waits ten seconds before its first retry. A gate in front of every install cannot; a shorter configured wait is kept.
const LONGEST_FIRST_WAIT = 200;

/**
 * Reads every `.npmrc` that npm would read for this project, and the environment. `override` replaces the default registry.
 * Throws `RegistryError` when the configuration names a registry that cannot be asked.
 */
export async function readNpmConfig(host: Host, override?: string): Promise<NpmConfig> {
  const config = await loadConfig(host);
  const get = (key: string): unknown => config.get(key);
  const textOf = (key: string): string | undefined => nonEmpty(get(key));
  const authorities = readAuthorities(get('ca'), textOf('cafile'));
  const proxies: ProxySettings = {
    configured: get('https-proxy') || get('proxy'),
    noProxy: get('noproxy'),
    env: host.env,
  };
  const hosts = hostSettingsIn(config.list);
  const strictSsl = get('strict-ssl') !== false;
  return {
    publicRegistry: parseRegistry(settings.defaults['registry'], 'the default registry'),
    registry: parseRegistry(override ?? get('registry'), override === undefined ? 'registry' : '--registry'),
    scopeRegistry(name) {
      const scope = scopeOf(name);
      const configured = scope === undefined ? undefined : textOf(`${scope}:registry`);
      return configured === undefined ? undefined : parseRegistry(configured, `${scope}:registry`);
    },
    replaceHost: textOf('replace-registry-host') ?? 'npmjs',
    credentialsFor: (url) => credentialsIn(hosts, url),
    proxyFor: (url) => proxyFor(proxies, url),
    ca: authorities.ca,
    strictSsl,
    cache: textOf('cache') ?? join(host.env['HOME'] ?? homedir(), '.npm'),
    patience: patienceOf(get),
    firstWait: firstWaitOf(get),
    files: [...config.sources.keys()].filter((source) => isAbsolute(source)),
    notices: [...unreadNotices(config), ...authorities.notices, ...(strictSsl ? [] : [NOT_STRICT])],
  };
}

const NOT_STRICT: Notice = {
  code: 'STRICT_SSL_OFF',
  message: "npm's strict-ssl is off: what registries tell can be altered on the way. Signatures still hold.",
};

/** npm goes on without a file it may not read, and asks other registries than it would with it. */
function unreadNotices({ data }: Config): readonly Notice[] {
  return [...data.values()].flatMap(({ source, loadError }) => {
    const code = loadError instanceof Error && 'code' in loadError ? String(loadError.code) : 'ENOENT';
    if (source === null || code === 'ENOENT' || code === 'ENOTDIR') return [];
    const message = `${tame(source, 300)} cannot be read (${code}); npm goes on without it, and so does npmsign`;
    return [{ code: 'NPMRC_UNREADABLE', message }];
  });
}

async function loadConfig(host: Host): Promise<Config> {
  const config = new Config({
    npmPath: npmPathOf(host),
    definitions: settings.definitions,
    shorthands: settings.shorthands,
    flatten: settings.flatten,
    nerfDarts: settings.nerfDarts,
    env: withoutYarnsWord(host.env),
    // Our own arguments are not npm's: npm must not read them.
    argv: [host.execPath, 'npmsign'],
    cwd: host.env['npm_config_local_prefix'] ?? host.cwd,
    platform: host.platform,
    execPath: host.execPath,
    warn: false,
  });
  try {
    await config.load();
  } catch (cause) {
    throw new RegistryError('REGISTRY_REFUSED', "npm's configuration cannot be read.", {
      hint: 'Run npm config list; it names the setting at fault.',
      cause,
    });
  }
  return config;
}

/**
 * yarn 1 tells its scripts of the registry in its own settings, and of its own default where those name none, though it goes by `.npmrc` then:
 * said by the environment, that would outweigh `.npmrc`.
 */
function withoutYarnsWord(env: Host['env']): Record<string, string | undefined> {
  const { npm_config_registry: _, ...rest } = env;
  return /^yarn\/[01]\./.test(env['npm_config_user_agent'] ?? '') ? rest : { ...env };
}

/** Where npm itself lies: its built-in `npmrc` (installers for Windows and some distributions write one) is part of the configuration. */
function npmPathOf(host: Host): string {
  const running = host.env['npm_execpath'];
  if (running?.endsWith('npm-cli.js')) return dirname(dirname(running));
  const node = dirname(host.execPath);
  return host.platform === 'win32'
    ? join(node, 'node_modules', 'npm')
    : join(node, '..', 'lib', 'node_modules', 'npm');
}

/** Normalises a registry's URL. Throws `RegistryError` for what is not http or https. */
function parseRegistry(value: unknown, setting: string): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new RegistryError(
      'REGISTRY_REFUSED',
      `${tame(setting)} is ${tame(String(value))}: not an http or https URL.`,
      {
        hint: 'Correct it with npm config set, or pass --registry.',
      },
    );
  }
  const path = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  return `${url.origin}${path}`;
}

function scopeOf(name: string): string | undefined {
  const slash = name.indexOf('/');
  return name.startsWith('@') && slash > 1 ? name.slice(0, slash) : undefined;
}

function readAuthorities(
  ca: unknown,
  file: string | undefined,
): { readonly ca: readonly string[] | undefined; readonly notices: readonly Notice[] } {
  const listed = [ca].flat().filter((text): text is string => typeof text === 'string' && text !== '');
  // In .npmrc a certificate stands on one line, its newlines written as \n.
  const inline = listed.length === 0 ? undefined : listed.map((text) => text.replace(/\\n/g, '\n'));
  if (file === undefined) return { ca: inline, notices: [] };
  const read = readSmallFile(file, 8 * 1024 * 1024);
  if (read.status === 'unavailable') {
    // npm ignores such a file silently. Without it a connection can only be refused, never wrongly trusted.
    return { ca: inline, notices: [{ code: 'CAFILE_UNREADABLE', message: `npm's cafile ${read.reason}` }] };
  }
  const blocks = read.value.toString('utf8').match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g);
  return { ca: blocks ?? inline, notices: [] };
}

function patienceOf(get: (key: string) => unknown): Patience {
  return {
    retries: Math.min(numberOf(get('fetch-retries'), 2), 10),
    backOff: Math.min(firstWaitOf(get), LONGEST_FIRST_WAIT),
    // Zero means no limit to npm. There is always one here.
    total: numberOf(get('fetch-timeout'), 0) || 300_000,
  };
}

function firstWaitOf(get: (key: string) => unknown): number {
  return numberOf(get('fetch-retry-mintimeout'), 10_000);
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : fallback;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

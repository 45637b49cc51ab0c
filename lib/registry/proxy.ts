/** Decides which proxy a request goes through, and makes the agent that does it. */
import type { Agent, AgentOptions, ClientRequest } from 'node:http';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

import { RegistryError } from '../errors.ts';

/** What npm's configuration and the environment say about proxies. */
export type ProxySettings = {
  /** `https-proxy` or `proxy`; `false` switches proxies off. */
  readonly configured: unknown;
  /** A list, or text with commas. */
  readonly noProxy: unknown;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** The proxy for this URL, or `undefined` for a direct connection. Configuration beats environment, as in npm. */
export function proxyFor(settings: ProxySettings, url: URL): string | undefined {
  if (settings.configured === false || isExcepted(settings, url)) return undefined;
  if (typeof settings.configured === 'string' && settings.configured !== '') return settings.configured;
  const names = url.protocol === 'https:' ? ['https_proxy'] : ['https_proxy', 'http_proxy', 'proxy'];
  return names.map((name) => envOf(settings, name)).find((value) => value !== undefined);
}

/** Google Cloud's metadata server answers to this machine alone: what it says is a secret that no proxy may hear. */
const LINK_LOCAL = ['metadata.google.internal', '169.254.169.254'];

function isExcepted(settings: ProxySettings, url: URL): boolean {
  if (LINK_LOCAL.includes(url.hostname)) return true;
  const configured = [settings.noProxy]
    .flat()
    .filter((text): text is string => typeof text === 'string' && text !== '');
  const listed = configured.length > 0 ? configured.join(',') : (envOf(settings, 'no_proxy') ?? '');
  return listed
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => covers(entry, url));
}

/** `example.com`, `.example.com` and `*.example.com` cover the host and all beneath it; `*` covers everything. */
function covers(entry: string, url: URL): boolean {
  if (entry === '*') return true;
  const domain = entry.replace(/^\*?\./, '').toLowerCase();
  return [url.hostname, url.host].some((host) => host === domain || host.endsWith(`.${domain}`));
}

function envOf(settings: ProxySettings, name: string): string | undefined {
  return settings.env[name] || settings.env[name.toUpperCase()] || undefined;
}

/**
 * An agent that reaches `target` through the proxy: by tunnel (CONNECT) for https, by absolute request line for http. Written by
 * others because tunnels carry credentials in two directions and mistakes leak them. Throws `RegistryError`.
 */
export async function createProxyAgent(
  proxy: string,
  target: URL,
  options: AgentOptions & ConnectionOptions,
): Promise<Agent> {
  const scheme = URL.canParse(proxy) ? new URL(proxy).protocol : '';
  if (scheme !== 'http:' && scheme !== 'https:') {
    throw new RegistryError('REGISTRY_REFUSED', 'The configured proxy is not an http or https URL.', {
      hint: 'npmsign goes through http and https proxies. See npm config get https-proxy.',
    });
  }
  if (target.protocol === 'https:') {
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    return releasing(new HttpsProxyAgent(proxy, options));
  }
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return releasing(new HttpProxyAgent(proxy, options));
}

type ProxyAgent<Request, Options> = Agent & {
  connectOpts: TcpNetConnectOpts & ConnectionOptions;
  connect: (request: Request, options: Options) => Promise<Socket>;
};

/** By itself such an agent keeps a connection to a proxy that never ends its answer, and with it the process. */
function releasing<Request extends ClientRequest, Options>(agent: ProxyAgent<Request, Options>): Agent {
  const { connectOpts } = agent;
  const connect = agent.connect.bind(agent);
  agent.connect = async (request, options) => {
    const release = new AbortController();
    // A request that has no connection yet tells nobody when it is given up.
    const destroy = request.destroy.bind(request);
    request.destroy = (error) => {
      release.abort();
      return destroy(error);
    };
    agent.connectOpts = { ...connectOpts, signal: release.signal };
    const socket = await connect(request, options);
    request.destroy = destroy;
    return socket;
  };
  return agent;
}

/** Proxies and certificate authorities are those of npm's configuration. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { Host } from '../../lib/model/host.ts';
import { aPackage } from '../support/builders.ts';
import { LOOPBACK_IDENTITY, TRUSTING } from '../support/secure-loopback.ts';
import { aTempDirectory } from '../support/temp.ts';
import { aProject, asking } from './world.ts';

const PACKAGE = aPackage({ id: { name: 'lib', version: '1.0.0' }, source: { kind: 'registry' } });
const MANIFEST = JSON.stringify({
  name: 'lib',
  version: '1.0.0',
  dist: { tarball: 'https://registry.example/x.tgz' },
});

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

/** Starts a server on loopback and tells its port. */
async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  return (server.address() as AddressInfo).port;
}

function serve(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(MANIFEST);
}

function tlsServer(): Server {
  return createTlsServer(LOOPBACK_IDENTITY, serve);
}

const manifestFor = (host: Host) => asking(host, (registry) => registry.manifest(PACKAGE));

describe('a registry with a certificate of its own', () => {
  it('is refused when nobody vouches for it', async () => {
    const port = await listening(tlsServer());
    const told = await manifestFor(aProject([`registry=https://127.0.0.1:${port}/`]));
    assert.match(
      told.status === 'unavailable' ? told.reason : '',
      /cannot be reached: \w*(SELF_SIGNED|UNABLE_TO_VERIFY)/,
    );
  });

  it('is believed with the authority in ca', async () => {
    const port = await listening(tlsServer());
    assert.equal(
      (await manifestFor(aProject([`registry=https://127.0.0.1:${port}/`, TRUSTING]))).status,
      'told',
    );
  });

  it('is believed with the authority in cafile', async () => {
    const port = await listening(tlsServer());
    const file = path.join(aTempDirectory('ca'), 'ca.pem');
    writeFileSync(file, `# ours\n${LOOPBACK_IDENTITY.cert}`);
    assert.equal(
      (await manifestFor(aProject([`registry=https://127.0.0.1:${port}/`, `cafile=${file}`]))).status,
      'told',
    );
  });

  it('is believed without strict-ssl, and the run says so', async () => {
    const port = await listening(tlsServer());
    const host = aProject([`registry=https://127.0.0.1:${port}/`, 'strict-ssl=false']);
    const { told, notices } = await asking(host, async (registry) => ({
      told: await registry.manifest(PACKAGE),
      notices: registry.notices(),
    }));
    assert.equal(told.status, 'told');
    assert.deepEqual(
      notices.map(({ code }) => code),
      ['STRICT_SSL_OFF'],
    );
  });

  it('may not send us on to plain http', async () => {
    const plain = await listening(createServer(serve));
    const redirecting = createTlsServer(LOOPBACK_IDENTITY, (_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${plain}/lib/1.0.0` }).end();
    });
    const port = await listening(redirecting);
    const told = await manifestFor(aProject([`registry=https://127.0.0.1:${port}/`, 'strict-ssl=false']));
    assert.match(
      told.status === 'unavailable' ? told.reason : '',
      /redirected to http:; npmsign does not follow/,
    );
  });
});

/** A proxy that forwards and tunnels, and remembers for whom. */
async function startProxy(): Promise<{ readonly port: number; readonly seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const forwarded = request(incoming.url ?? '', { headers: { accept: 'application/json' } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.end();
  });
  server.on('connect', (incoming, client) => {
    seen.push(`CONNECT ${incoming.url}`);
    const [host, port] = (incoming.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    // Either end may hang up first.
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  return { port: await listening(server), seen };
}

describe('a proxy', () => {
  it('carries requests to plain http', async () => {
    const [proxy, port] = [await startProxy(), await listening(createServer(serve))];
    const host = aProject([`registry=http://127.0.0.1:${port}/`, `proxy=http://127.0.0.1:${proxy.port}/`]);
    assert.equal((await manifestFor(host)).status, 'told');
    assert.deepEqual(proxy.seen, [`GET http://127.0.0.1:${port}/lib/1.0.0`]);
  });

  it('is tunnelled through to https, and sees no request', async () => {
    const [proxy, port] = [await startProxy(), await listening(tlsServer())];
    const lines = [
      `registry=https://127.0.0.1:${port}/`,
      TRUSTING,
      `https-proxy=http://127.0.0.1:${proxy.port}/`,
    ];
    const told = await manifestFor(aProject(lines));
    assert.equal(told.status, 'told', JSON.stringify(told));
    assert.deepEqual(proxy.seen, [`CONNECT 127.0.0.1:${port}`]);
  });

  it('cannot stand in for the registry behind a tunnel', async () => {
    const [proxy, port] = [await startProxy(), await listening(tlsServer())];
    const lines = [`registry=https://127.0.0.1:${port}/`, `https-proxy=http://127.0.0.1:${proxy.port}/`];
    assert.equal((await manifestFor(aProject(lines))).status, 'unavailable');
  });

  it('that never answers is let go of', { timeout: 20_000 }, async (t) => {
    const proxy = createServer();
    const gone = new Promise((resolve) => {
      proxy.on('connect', (_, client) => {
        client.once('end', resolve).resume();
        t.after(() => client.destroy());
      });
    });
    const way = `https-proxy=http://127.0.0.1:${await listening(proxy)}/`;
    const told = await manifestFor(aProject(['registry=https://registry.example/', way]));
    assert.match(told.status === 'unavailable' ? told.reason : told.status, /no answer within/);
    await gone;
  });

  for (const [what, way] of [
    ['directly', () => []],
    ['through a tunnel', async () => [`https-proxy=http://127.0.0.1:${(await startProxy()).port}/`]],
  ] as const) {
    it(`or none: a registry asked ${what} is refused when its certificate is for another name`, async () => {
      const port = await listening(tlsServer());
      const told = await manifestFor(
        aProject([`registry=https://localhost:${port}/`, TRUSTING, ...(await way())]),
      );
      assert.match(told.status === 'unavailable' ? told.reason : told.status, /ERR_TLS_CERT_ALTNAME_INVALID/);
    });
  }

  it('comes from the environment, unless the host is excepted', async () => {
    const [proxy, port] = [await startProxy(), await listening(createServer(serve))];
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}/` };
    assert.equal(
      (await manifestFor(aProject([`registry=http://127.0.0.1:${port}/`], { env }))).status,
      'told',
    );
    assert.equal(proxy.seen.length, 1);
    const excepted = { ...env, NO_PROXY: 'other.example, 127.0.0.1' };
    assert.equal(
      (await manifestFor(aProject([`registry=http://127.0.0.1:${port}/`], { env: excepted }))).status,
      'told',
    );
    assert.equal(proxy.seen.length, 1);
  });

  it('of another kind is refused with a reason', async () => {
    const host = aProject(['registry=http://127.0.0.1:1/'], { env: { HTTP_PROXY: 'socks5://127.0.0.1:1' } });
    const told = await manifestFor(host);
    assert.match(
      told.status === 'unavailable' ? told.reason : '',
      /configured proxy is not an http or https URL/,
    );
  });
});

describe("a client's certificate", () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = {
    fits: LOOPBACK_IDENTITY.key,
    'does not fit': other.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
  for (const way of ['directly', 'through a proxy'] as const) {
    for (const [fit, key] of Object.entries(keys)) {
      it(`whose key ${fit} is a reason ${fit === 'fits' ? 'to go on' : 'to stop'}, ${way}`, async () => {
        const [proxy, port] = [await startProxy(), await listening(tlsServer())];
        const folder = aTempDirectory('client');
        writeFileSync(path.join(folder, 'cert.pem'), LOOPBACK_IDENTITY.cert);
        writeFileSync(path.join(folder, 'key.pem'), key);
        const lines = [
          `registry=https://127.0.0.1:${port}/`,
          TRUSTING,
          `//127.0.0.1:${port}/:certfile=${path.join(folder, 'cert.pem')}`,
          `//127.0.0.1:${port}/:keyfile=${path.join(folder, 'key.pem')}`,
          ...(way === 'directly' ? [] : [`https-proxy=http://127.0.0.1:${proxy.port}/`]),
        ];
        const told = await manifestFor(aProject(lines));
        const found = told.status === 'unavailable' ? told.reason : told.status;
        assert.match(found, fit === 'fits' ? /^told$/ : /cannot be reached: ERR_OSSL_\w+/);
      });
    }
  }
});

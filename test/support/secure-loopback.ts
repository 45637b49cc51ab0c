/** Listens on loopback over TLS, with a certificate of its own. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Loopback } from './loopback.ts';
import { sequence, tlv } from './sigstore/der.ts';
import { extension, isAuthority, serialOf, signedCertificate, tbsCertificate } from './sigstore/x509.ts';

/** What a server on 127.0.0.1 shows. Clients trust it with the certificate as their authority. */
export const LOOPBACK_IDENTITY = mintIdentity();

/** The certificate as one line of `.npmrc`. */
export const TRUSTING = `ca="${LOOPBACK_IDENTITY.cert.trim().replace(/\n/g, '\\n')}"`;

/** A listening server that tells how many connections were made to it. */
export type SecureLoopback = Loopback & { readonly connections: () => number };

/** Serves over TLS; `h2` offers HTTP/1.1 as well. */
export function serveSecurely(speaks: 'h2' | 'http/1.1', listener: RequestListener): Promise<SecureLoopback> {
  if (speaks === 'http/1.1') return listenSecurely(createServer(LOOPBACK_IDENTITY, listener));
  // The two kinds of request and response share all that a listener of ours uses.
  const either = listener as unknown as Parameters<typeof createSecureServer>[1];
  return listenSecurely(createSecureServer({ ...LOOPBACK_IDENTITY, allowHTTP1: true }, either));
}

/** Makes a server of TLS connections listen, and end them all when it is closed. */
export async function listenSecurely(server: Server): Promise<SecureLoopback> {
  const open = new Set<Socket>();
  const count = { connections: 0 };
  server.on('connection', (socket: Socket) => {
    count.connections++;
    open.add(socket);
    // Clients that give up hang up without a word.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://127.0.0.1:${port}`,
    connections: () => count.connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function mintIdentity(): { readonly key: string; readonly cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = { organization: 'acme', commonName: 'loopback' };
  const tbs = tbsCertificate({
    ...{ serial: serialOf('loopback'), issuer: name, subject: name, publicKey },
    ...{ notBefore: new Date('2001-01-01T00:00:00Z'), notAfter: new Date('2049-01-01T00:00:00Z') },
    // RFC 5280, section 4.2.1.6: an IP address as alternative name.
    extensions: [isAuthority(), extension('2.5.29.17', sequence(tlv(0x87, Buffer.from([127, 0, 0, 1]))))],
  });
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: new X509Certificate(signedCertificate(tbs, privateKey)).toString(),
  };
}

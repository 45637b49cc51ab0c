/** Listens on loopback. */
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A listening server. `close` also ends what is still open. */
export type Loopback = { readonly origin: string; readonly close: () => Promise<void> };

/** Serves on 127.0.0.1, on any free port unless one is given. `origin` has no slash at its end. */
export async function listenOnLoopback(listener: RequestListener, port = 0): Promise<Loopback> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  // A listening TCP server has an address with a port.
  const address = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The Verdaccio plugin: hands the server's own parts to the room that signs for a registry. */
import process from 'node:process';
import {
  type App,
  type Auth,
  type Logger,
  type ServerHost,
  type Storage,
  signRegistry,
} from '../lib/verdaccio/index.ts';

/** Verdaccio calls this for its section `middlewares.npmsign`, with its whole configuration and its log. */
export function verdaccioPlugin(
  _section: unknown,
  { config, logger }: { config: unknown; logger: Logger },
): Plugin {
  return {
    // Not earlier: Verdaccio catches what a plugin throws while it is made, and would go on without it.
    register_middlewares: (app, auth, storage) =>
      signRegistry(host(logger), { config, logger }, { app, auth, storage }),
  };
}

type Plugin = { readonly register_middlewares: (app: App, auth: Auth, storage: Storage) => void };

function host({ info, warn }: Logger): ServerHost {
  const { env, execPath, platform } = process;
  return {
    cwd: process.cwd(),
    env: { ...env },
    clock: () => new Date(),
    out: (text) => info(text),
    err: (text) => warn(text),
    interactive: false,
    color: false,
    execPath,
    platform,
  };
}

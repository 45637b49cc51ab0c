/** The part of @npmcli/config that `registry/npm-config.ts` uses; the package ships no types of its own. */
declare module '@npmcli/config' {
  type ConfigOptions = {
    readonly npmPath: string;
    readonly definitions: unknown;
    readonly shorthands: unknown;
    readonly flatten: unknown;
    readonly nerfDarts: readonly string[];
    /** Written to by `load()`. */
    readonly env: Record<string, string | undefined>;
    readonly argv: readonly string[];
    readonly cwd: string;
    readonly platform: string;
    readonly execPath: string;
    /** `false` queues warnings instead of logging them. */
    readonly warn: boolean;
  };
  class Config {
    constructor(options: ConfigOptions);
    load(): Promise<void>;
    get(key: string): unknown;
    /** Each layer by its name; one whose file could not be read says why. */
    readonly data: ReadonlyMap<string, { readonly source: string | null; readonly loadError: unknown }>;
    /** Which layer each file, or other source, became. */
    readonly sources: ReadonlyMap<string, string>;
    /** Everything, under the names that npm's own libraries give it. */
    readonly flat: object;
    /** The layers, strongest first: command line, environment, project, user, global, built-in, defaults. */
    readonly list: readonly Readonly<Record<string, unknown>>[];
  }
  export = Config;
}

declare module '@npmcli/config/lib/definitions/index.js' {
  const settings: {
    readonly defaults: Readonly<Record<string, unknown>>;
    readonly definitions: unknown;
    readonly shorthands: unknown;
    readonly flatten: unknown;
    readonly nerfDarts: readonly string[];
  };
  export = settings;
}

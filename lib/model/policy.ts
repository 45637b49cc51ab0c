/** What the user wrote in `.npmsignrc`, validated. */
import type { SourceKind } from './package.ts';

/** The options of every check, all of them filled in. */
export type CheckOptions = {
  readonly 'lockfile-integrity': Record<never, never>;
  /** Hosts a tarball may come from besides the registries in use; globs. */
  readonly 'lockfile-resolved': { readonly hosts: readonly string[] };
  readonly 'package-source': { readonly allow: readonly SourceKind[] };
  /** Packages (`name`, glob, `name@range`) whose install scripts were reviewed. */
  readonly 'install-script': { readonly allow: readonly string[] };
  /** Further reserved command names, besides those the gate itself relies on. */
  readonly 'reserved-bin': { readonly names: readonly string[] };
  readonly 'registry-signature': { readonly required: boolean };
  readonly 'publish-attestation': { readonly required: boolean };
  /** `publishedAfter`: ISO date; versions published before it need no provenance. */
  readonly provenance: { readonly required: boolean; readonly publishedAfter?: string };
  readonly 'source-repository': {
    readonly allow: readonly string[];
    readonly ids: readonly string[];
    readonly ownerIds: readonly string[];
  };
  readonly 'source-ref': { readonly allow: readonly string[] };
  readonly 'build-workflow': { readonly allow: readonly string[]; readonly builders: readonly string[] };
  readonly 'build-trigger': { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly 'build-runner': Record<never, never>;
  readonly 'certificate-issuer': { readonly allow: readonly string[] };
  readonly 'signer-identity': { readonly allow: readonly string[] };
  readonly 'declared-repository': Record<never, never>;
  readonly 'minimum-age': { readonly days: number };
  readonly 'provenance-regression': { readonly baseline: 'major' | 'all' };
  readonly 'locked-signer': Record<never, never>;
};

/** The name of a check. */
export type CheckId = keyof CheckOptions;

/** How much a check's answer weighs. */
export type Level = 'off' | 'warn' | 'error';

/** One check's level and options. */
export type Setting<Id extends CheckId = CheckId> = {
  readonly level: Level;
  readonly options: CheckOptions[Id];
  /** The place that decided the level: a preset's name, or file and 1-based line. */
  readonly at?: string;
};

/** A level and options for every check there is. */
export type Settings = { readonly [Id in CheckId]: Setting<Id> };

/** What one place in a policy says about one check: only what is written there. */
export type PartialSetting<Id extends CheckId = CheckId> = {
  readonly level?: Level;
  readonly options?: Partial<CheckOptions[Id]>;
  /** Where it stands: a preset's name, or file and 1-based line. */
  readonly at?: string;
};

/** What one place in a policy says about the checks it names. */
export type PartialSettings = { readonly [Id in CheckId]?: PartialSetting<Id> };

/** Settings for some packages. Later matches win, option by option. */
export type Override = {
  /** `name` globs with an optional `@range`; a leading `!` excludes. */
  readonly packages: readonly string[];
  readonly checks: PartialSettings;
  /** Where it stands: file and 1-based line, for `explain`. */
  readonly at?: string;
};

/** A dated, reasoned waiver. */
export type Exemption = {
  /** `name`, glob, or `name@range`. */
  readonly package: string;
  readonly checks: readonly CheckId[];
  readonly reason: string;
  /** ISO date `yyyy-mm-dd`; the waiver holds through the end of that day, UTC. */
  readonly expires: string;
  readonly at?: string;
};

/** How packages of one registry are judged. */
export type RegistryPolicy = {
  /** URL prefix, ending in a slash. */
  readonly url: string;
  /** `npm`: judged with the public npm registry's keys and identity. */
  readonly mirrorOf?: 'npm';
  /** `npm`: ask the public registry for signatures the mirror strips. */
  readonly evidence?: 'npm';
  /** Absolute path of a key file; replaces what the registry itself offers. */
  readonly keys?: string;
};

/** Whom signatures are traced back to, and how often that is refreshed. */
export type TrustPolicy = {
  readonly root:
    | { readonly kind: 'public-good' }
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'tuf'; readonly url: string; readonly root: string };
  readonly refresh: 'daily' | 'never' | 'always';
};

/** How this project's own packages are signed. */
export type SignPolicy = {
  readonly provenance: 'auto' | 'off';
  readonly identity: 'ambient' | 'interactive';
  readonly required: boolean;
  readonly fulcio?: string;
  readonly rekor?: string;
  readonly timestampAuthority?: string;
  readonly publicLogForPrivatePackages: 'refuse' | 'allow';
};

/** A whole policy: presets and files merged, paths absolute. */
export type Policy = {
  /** The file it came from; absent for the built-in default. */
  readonly path?: string;
  /** Every file it was read from, that one included; absolute. */
  readonly files?: readonly string[];
  /** `sha256:` and hex over the canonical form of the merged policy. */
  readonly digest: string;
  readonly settings: Settings;
  readonly overrides: readonly Override[];
  readonly exemptions: readonly Exemption[];
  readonly registries: readonly RegistryPolicy[];
  readonly trust: TrustPolicy;
  readonly sign: SignPolicy;
};

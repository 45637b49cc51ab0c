/** Says which npmsign this is. */

/** Written in by the build; the source alone has no release. */
declare const NPMSIGN_VERSION: string | undefined;

/** The released version, or `0.0.0-source` when run from source. */
export const VERSION: string = typeof NPMSIGN_VERSION === 'string' ? NPMSIGN_VERSION : '0.0.0-source';

/** Names the variable by which npmsign tells its own gates that a manager only resolves. */

/**
 * Set to `1` by `npmsign install` while the manager resolves and fetches nothing, so that gates inside the manager keep out of it: what comes of
 * it is judged before the frozen install, which runs without the variable. Whoever sets it otherwise switches those gates off, as
 * `--ignore-scripts` does, and `npmsign verify --require-gate` notices.
 */
export const RESOLVES_ONLY = 'NPMSIGN_RESOLVES_ONLY';

/** Set to 1 while a manager installs what npmsign has just judged: a gate inside it, which judges all the same, need not say that it is late. */
export const ASKED_BEFORE = 'NPMSIGN_ASKED_BEFORE';

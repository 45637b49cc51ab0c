/** The two ways of knowing something about a package: we verified it, or somebody told us. */

/** A fact that was verified cryptographically, or the named reason why it was not. */
export type Proof<T> =
  | { readonly status: 'proved'; readonly value: T }
  /** Evidence exists, or must exist, and is wrong, malformed or stripped. */
  | { readonly status: 'refuted'; readonly reason: string }
  /** The registry answered: there is none. */
  | { readonly status: 'absent'; readonly reason?: string }
  /** We could not find out. */
  | { readonly status: 'unavailable'; readonly reason: string }
  /** This kind of package cannot have it: a workspace was never published. */
  | { readonly status: 'notApplicable'; readonly reason: string };

/** A fact the registry merely stated, or the named reason why there is none. */
export type Told<T> =
  | { readonly status: 'told'; readonly value: T }
  | { readonly status: 'absent'; readonly reason?: string }
  | { readonly status: 'unavailable'; readonly reason: string }
  | { readonly status: 'notApplicable'; readonly reason: string };

/** What the steps of one publish share. */
import type { SignOutcome } from '../author/index.ts';
import type { EndSignal, Host } from '../model/host.ts';
import type { PackageId } from '../model/package.ts';
import type { Policy } from '../model/policy.ts';
import type { Notice } from '../model/report.ts';
import type { PublishWish } from './arguments.ts';
import type { Destination } from './destination.ts';
import type { PublishManifest } from './manifest.ts';
import type { Fault } from './preflight.ts';
import type { PublishedCheck } from './published.ts';

/** What may be asked of a publish; everything has a default. Paths are relative to `host.cwd`. */
export type PublishRequest = {
  /** A tarball or none, and flags for npm's publish. */
  readonly args?: readonly string[];
  readonly policy?: string;
  readonly trustedRoot?: string;
  readonly registry?: string;
  /** Told of what was signed, before anything is uploaded. */
  readonly onSigned?: (outcome: SignOutcome) => void;
  /** Told of each command before it runs. */
  readonly onCommand?: (command: string) => void;
  readonly onNotice?: (notice: Notice) => void;
  /** Milliseconds to wait for a registry that does not list the version at once; each wait is one look more. */
  readonly waits?: readonly number[];
};

/** One publish whose package and place are known. */
export type Run = {
  readonly host: Host;
  readonly request: PublishRequest;
  readonly wish: PublishWish;
  readonly policy: Policy;
  readonly manifest: PublishManifest;
  readonly destination: Destination;
  /** Empty, and removed in the end. */
  readonly folder: string;
};

/** How a program ended. */
export type Ended =
  | { readonly kind: 'ended'; readonly code: number }
  | { readonly kind: 'interrupted'; readonly signal: EndSignal };

/** What came of it. */
export type PublishOutcome =
  | { readonly kind: 'published'; readonly check: PublishedCheck }
  /** Nothing was done: these things would have failed. */
  | { readonly kind: 'unready'; readonly faults: readonly Fault[] }
  /** The tarball is published, and the registry did not take its attestation. Publishing that tarball again sends only that. */
  | { readonly kind: 'unattested'; readonly id: PackageId; readonly reason: string; readonly tarball: string }
  /** A manager failed with that code, or a rehearsal is over. */
  | Ended;

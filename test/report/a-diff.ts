/** Builds diffs as a run would: two trees and what is known about them, compared. */
import { type DiffInput, diffTrees } from '../../lib/lock/diff.ts';
import type { TrustDiff } from '../../lib/model/diff.ts';
import type { Evidence, Identity } from '../../lib/model/evidence.ts';
import type { ResolvedPackage } from '../../lib/model/package.ts';
import {
  aManifest,
  anEvidence,
  anIdentity,
  aPackage,
  aProvenance,
  aPublishAttestation,
  aTree,
  proved,
  told,
} from '../support/builders.ts';
import { NOW } from '../support/host.ts';

/** One version of a tree, with all that is known about it. */
export type Known = { readonly package: ResolvedPackage; readonly evidence: Evidence };

/** A version signed by `acme/<name>`, at its own tag; parts of the identity, the evidence and the package may be others. */
export function aSigned(
  name: string,
  version: string,
  more: {
    readonly identity?: Partial<Identity>;
    readonly evidence?: Partial<Evidence>;
    readonly package?: Partial<ResolvedPackage>;
    readonly scripts?: readonly string[];
    readonly bins?: readonly string[];
  } = {},
): Known {
  const id = { name, version };
  const pkg = aPackage({ id, chain: ['project', 'framework', name], ...more.package });
  const repository = `https://github.com/acme/${name}`;
  const identity = anIdentity({ repository, ref: `refs/tags/v${version}`, ...more.identity });
  return {
    package: pkg,
    evidence: anEvidence(
      {
        provenance: proved(aProvenance({ identity })),
        publish: proved(aPublishAttestation()),
        manifest: told(aManifest({ installScripts: more.scripts ?? [], bins: more.bins ?? [] }, id)),
        ...more.evidence,
      },
      pkg,
    ),
  };
}

/** A version without provenance, signed by the registry only. */
export function aBare(name: string, version: string, more: Parameters<typeof aSigned>[2] = {}): Known {
  return aSigned(name, version, {
    ...more,
    evidence: { publish: { status: 'absent' }, provenance: { status: 'absent' }, ...more?.evidence },
  });
}

/** A version from a git repository. */
export function aGit(name: string, version: string): Known {
  const nothing = { status: 'notApplicable', reason: 'a git package is in no registry' } as const;
  return aSigned(name, version, {
    package: { source: { kind: 'git', resolved: `git+ssh://git@git.example/${name}.git#0123456` } },
    evidence: {
      signature: nothing,
      publish: nothing,
      provenance: nothing,
      manifest: nothing,
      history: nothing,
    },
  });
}

/** What changed from one list of versions to another. */
export function aDiff(before: readonly Known[], after: readonly Known[]): TrustDiff {
  return diffTrees({
    before: sideOf('HEAD:package-lock.json', before),
    after: sideOf('package-lock.json', after),
    now: NOW,
    tool: { name: 'npmsign', version: '0.1.0' },
  });
}

function sideOf(path: string, known: readonly Known[]): DiffInput['before'] {
  const tree = aTree(known.map((one) => one.package));
  return {
    tree: { ...tree, lockfile: { ...tree.lockfile, path } },
    evidence: new Map(known.map((one) => [one.package.key, one.evidence])),
  };
}

/** An update in which everything happens. */
export function anEventfulDiff(): TrustDiff {
  const commit = (digit: string) => digit.repeat(40);
  return aDiff(
    [
      aSigned('client', '1.7.2'),
      aSigned('router', '4.0.0'),
      aSigned('parser', '2.0.0', { identity: { repository: 'https://github.com/acme/parser-js' } }),
      aSigned('logger', '3.1.0'),
      aSigned('steady', '5.0.0', { identity: { commit: commit('a') } }),
      aBare('colour', '4.1.1'),
      aBare('better', '1.0.0'),
      aBare('left-pad', '1.3.0'),
      aSigned('twisted', '1.0.0', {
        package: { integrity: aPackage({ id: { name: 'x', version: '1.0.0' } }).integrity ?? never() },
      }),
      aBare('gone', '1.0.0'),
    ],
    [
      aBare('client', '1.7.3', { scripts: ['postinstall'] }),
      aSigned('router', '4.0.1', { identity: { ref: 'refs/heads/snapshot', trigger: 'workflow_dispatch' } }),
      aSigned('parser', '2.0.1'),
      aSigned('logger', '3.1.1', {
        identity: { repository: 'https://github.com/mallory/logger', ownerId: '1' },
        bins: ['logger'],
      }),
      aSigned('steady', '5.1.0', { identity: { commit: commit('b') } }),
      aBare('colour', '4.1.2'),
      aSigned('better', '1.1.0'),
      aBare('left-pad', '1.2.0'),
      aSigned('twisted', '1.0.0'),
      aSigned('bundler', '0.21.0', { scripts: ['postinstall'], bins: ['bundler'] }),
      aSigned('helper', '1.0.0'),
      aBare('old-style', '0.4.0', { bins: ['old'] }),
      aGit('forked', '1.0.0'),
      aSigned('forged', '1.0.0', {
        evidence: { provenance: { status: 'refuted', reason: 'the signature is wrong' } },
      }),
    ],
  );
}

function never(): never {
  throw new Error('the ordinary package has an integrity');
}

/** Alterations a lying registry or mirror makes to what was published. */
import type { AttestationsJson } from '../sigstore/index.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { hashesOf } from './store.ts';

/** No registry signature. */
export const stripSignatures: Misbehaviour = {
  kind: 'edit',
  edit: ({ manifest }) => {
    delete manifest.dist.signatures;
  },
};

/** No attestations, and none announced. */
export const stripAttestations: Misbehaviour = {
  kind: 'edit',
  edit: (published) => {
    delete published.attestations;
    delete published.manifest.dist.attestations;
  },
};

/** Attestations announced by the manifest, and none at the endpoint. */
export const hideAttestations: Misbehaviour = {
  kind: 'edit',
  edit: (published) => {
    delete published.attestations;
  },
};

/** Other bytes in the tarball; the manifest still lists the right ones. */
export function swapTarball(tarball: Uint8Array): Misbehaviour {
  return {
    kind: 'edit',
    edit: (published) => {
      published.tarball = Buffer.from(tarball);
    },
  };
}

/** Other bytes in the tarball, and `dist.integrity` rewritten to match; signature and attestations are the old ones. */
export function rewriteIntegrity(tarball: Uint8Array): Misbehaviour {
  return {
    kind: 'edit',
    edit: (published) => {
      published.tarball = Buffer.from(tarball);
      Object.assign(published.manifest.dist, hashesOf(tarball));
    },
  };
}

/** The signature of another version, or any other. */
export function replaceSignature(signature: { readonly keyid: string; readonly sig: string }): Misbehaviour {
  return {
    kind: 'edit',
    edit: ({ manifest }) => {
      manifest.dist.signatures = [signature];
    },
  };
}

/** The attestations of another package, or altered ones. */
export function replaceAttestations(attestations: AttestationsJson): Misbehaviour {
  return {
    kind: 'edit',
    edit: (published) => {
      published.attestations = attestations;
    },
  };
}

/** Fields of the manifest overwritten, such as with control characters. */
export function overwriteManifest(fields: Readonly<Record<string, unknown>>): Misbehaviour {
  return {
    kind: 'edit',
    edit: ({ manifest }) => {
      Object.assign(manifest, fields);
    },
  };
}

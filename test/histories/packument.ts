/** Mints the packument that a registry would serve for a story. */
import type { How, Told } from './telling.ts';

/** The packument of one name: its versions with the attestation data that fits how each was published. */
export function packumentOf(name: string, told: readonly Told[]): object {
  const times = told.flatMap(({ version, at }) =>
    at === undefined ? [] : [[version, new Date(at).toISOString()]],
  );
  const listed = told.filter(({ unpublished }) => unpublished !== true);
  return {
    name,
    time: Object.fromEntries(times),
    versions: Object.fromEntries(listed.map((one) => [one.version, manifestOf(one)])),
  };
}

function manifestOf({ how, deprecated }: Told): object {
  const { provenance, publisher } = TRACES[how];
  return {
    dist: {
      signatures: [{ keyid: 'SHA256:minted', sig: 'minted' }],
      ...(provenance
        ? { attestations: { provenance: { predicateType: 'https://slsa.dev/provenance/v1' } } }
        : {}),
    },
    _npmUser: { name: 'someone', ...publisher },
    ...(deprecated ? { deprecated: 'use another version' } : {}),
  };
}

const TRUSTED = { trustedPublisher: { id: 'github', oidcConfigId: 'oidc:minted' } };
const APPROVED = { approver: { name: 'maintainer' } };

/** What a packument tells of each way to publish. */
const TRACES: Readonly<Record<How, { readonly provenance: boolean; readonly publisher: object }>> = {
  'by hand': { provenance: false, publisher: {} },
  'token with provenance': { provenance: true, publisher: {} },
  'trusted publisher': { provenance: true, publisher: TRUSTED },
  'trusted, private repository': { provenance: false, publisher: TRUSTED },
  staged: { provenance: true, publisher: APPROVED },
  'staged, provenance lost': { provenance: false, publisher: APPROVED },
};

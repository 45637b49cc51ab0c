/** The shapes of `trust` and `sign`: whom signatures are traced back to, and by whom our own are made. */
import type { SignPolicy, TrustPolicy } from '../model/policy.ts';
import { filePath, webAddress } from './location-shape.ts';
import { choice, flag, isRecord, kindOf, record, type Shape, wrong } from './shape.ts';

/** The trust root, and how fresh it must be. */
export function trustShape(): Shape<Partial<TrustPolicy>> {
  return record(
    {
      root: rootShape(),
      refresh: choice(['daily', 'never', 'always'], 'How often the trust root is fetched anew.'),
    },
    { noun: 'name', description: 'Whom signatures are traced back to.' },
  );
}

function rootShape(): Shape<TrustPolicy['root']> {
  const file = filePath('A trusted_root.json, relative to this file.');
  const tuf = record(
    {
      tuf: webAddress('The URL of a TUF repository.'),
      root: filePath("The repository's root.json, relative to this file."),
    },
    { noun: 'name', description: 'A private Sigstore.', required: ['tuf', 'root'] },
  );
  return {
    schema: {
      anyOf: [{ const: 'public-good' }, { type: 'string', pattern: '\\.json$' }, tuf.schema],
      description: 'public-good, a trusted_root.json, or { tuf, root } for a private Sigstore.',
    },
    read(value, place) {
      if (value === 'public-good') return { kind: 'public-good' };
      if (typeof value === 'string' && !/\.json$/i.test(value)) {
        return wrong(place, 'is neither public-good nor a .json file');
      }
      if (typeof value === 'string') {
        const path = file.read(value, place);
        return path === undefined ? undefined : { kind: 'file', path };
      }
      if (!isRecord(value)) return wrong(place, `wants public-good, a file or a map; found ${kindOf(value)}`);
      const read = tuf.read(value, place);
      return read === undefined ? undefined : { kind: 'tuf', url: read.tuf, root: read.root };
    },
  };
}

/** How this project signs. */
export function signShape(): Shape<Partial<SignPolicy>> {
  return record(
    {
      provenance: choice(['auto', 'off'], 'Whether a build in CI states its provenance.'),
      identity: choice(['ambient', 'interactive'], 'Where the identity token comes from.'),
      required: flag('Does a failed signature fail the pack? True unless said otherwise.'),
      fulcio: webAddress('The certificate authority. The default comes from the trust root.'),
      rekor: webAddress('The transparency log. The default comes from the trust root.'),
      timestampAuthority: webAddress('The timestamp authority. The default comes from the trust root.'),
      publicLogForPrivatePackages: choice(
        ['refuse', 'allow'],
        "Whether a private package's name may be written to a public log.",
      ),
    },
    { noun: 'name', description: "How this project's own packages are signed." },
  );
}

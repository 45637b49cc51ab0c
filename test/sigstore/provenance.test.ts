/** Holds the predicate of build provenance against the certificate. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Identity } from '../../lib/model/evidence.ts';
import { verifyAttestations } from '../../lib/sigstore/index.ts';
import { sha512Hex } from '../../lib/text/integrity.ts';
import { anIdentity, anIntegrity } from '../support/builders.ts';
import { type StatementJson, slsaV1Statement } from '../support/sigstore/index.ts';
import { at, byCertificate, identity, keys, sigstore, trust } from './minted.ts';

const id = { name: '@acme/lib', version: '1.2.3' };
const integrity = anIntegrity();
const request = { ...id, integrity: integrity.text, registry: 'https://registry.example/', at, identity };
const provenance = slsaV1Statement({ ...id, sha512: sha512Hex(integrity) ?? '' }, identity);

async function judge(response: unknown) {
  return (await verifyAttestations({ id, integrity, response, trust, keys })).provenance;
}

async function reasonOf(response: unknown): Promise<string> {
  const proof = await judge(response);
  return proof.status === 'refuted' ? proof.reason : `not refuted: ${proof.status}`;
}

function attestationOf(statement: StatementJson) {
  return {
    predicateType: statement.predicateType,
    bundle: sigstore.mintBundle({ statement, signer: byCertificate, at }),
  };
}

describe('the predicate', () => {
  const lies: readonly (readonly [keyof Identity, string, readonly ('v1' | 'v0.2')[]])[] = [
    ['repository', 'https://github.com/acme/lib-evil', ['v1', 'v0.2']],
    ['ref', 'refs/heads/main', ['v1', 'v0.2']],
    ['commit', 'ffffffffffffffffffffffffffffffffffffffff', ['v1', 'v0.2']],
    ['workflow', '.github/workflows/other.yml', ['v1', 'v0.2']],
    ['trigger', 'release', ['v1', 'v0.2']],
    ['repositoryId', '1', ['v1', 'v0.2']],
    ['ownerId', '1', ['v1', 'v0.2']],
    ['run', 'https://github.com/acme/lib/actions/runs/1/attempts/1', ['v1']],
  ];
  for (const [what, value, formats] of lies) {
    for (const slsa of formats) {
      it(`of SLSA ${slsa} is refused for another ${what} than the certificate's`, async () => {
        const response = sigstore.mintAttestations({
          ...request,
          slsa,
          claims: { ...identity, [what]: value },
        });
        assert.match(await reasonOf(response), /\(PREDICATE\)/);
      });
    }
  }

  it('may write the repository in another case where the host ignores case, and nowhere else', async () => {
    const claimed = async (host: string) => {
      const repository = `https://${host}/acme/lib`;
      const own = anIdentity({ repository });
      const claims = { ...own, repository: `https://${host}/Acme/Lib` };
      return (await judge(sigstore.mintAttestations({ ...request, identity: own, claims }))).status;
    };
    assert.equal(await claimed('github.com'), 'proved');
    assert.equal(await claimed('git.acme.example'), 'refuted');
  });

  it('need not speak: what it leaves out contradicts nothing', async () => {
    const statement = { ...provenance, predicate: {} };
    assert.equal((await judge({ attestations: [attestationOf(statement)] })).status, 'proved');
  });

  it('must be an object', async () => {
    const statement = { ...provenance, predicate: 'none' } as unknown as StatementJson;
    assert.match(await reasonOf({ attestations: [attestationOf(statement)] }), /no predicate/);
  });
});

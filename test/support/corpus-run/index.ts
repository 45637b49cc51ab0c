/** The whole corpus as one table. */
import { bundleRows } from './bundle-rows.ts';
import { npmRows } from './npm-cases.ts';
import { policyRows, slsaRows } from './policy-rows.ts';
import type { Row } from './row.ts';
import { realSignatureRows, signatureRows } from './signature-rows.ts';

export { holds, type Row } from './row.ts';

/** Runs every case of the corpus. */
export async function corpusRows(corpus: string): Promise<Row[]> {
  return [
    ...(await npmRows(corpus)),
    ...(await signatureRows(corpus)),
    ...(await realSignatureRows(corpus)),
    ...(await policyRows(corpus)),
    ...(await slsaRows(corpus)),
    ...(await bundleRows(corpus)),
  ];
}

/** Takes in what a real `npm publish` sends. */
import type { IncomingMessage } from 'node:http';
import { PUBLISH_TYPE } from '../sigstore/index.ts';
import { json } from './answers.ts';
import type { Reply } from './misbehaviour.ts';
import { assembled, type Publisher } from './publish.ts';
import type { Store } from './store.ts';

// What npm sends is trusted here: the document is npm's own, and this registry serves tests only.
type PublishDocument = {
  readonly name: string;
  readonly versions: Readonly<
    Record<string, Readonly<Record<string, unknown>> & { readonly version: string }>
  >;
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
};

/** Stores the published versions, signed; a `.sigstore` attachment becomes their provenance. */
export async function receivePublish(
  request: IncomingMessage,
  { store, publisher, now }: { readonly store: Store; readonly publisher: Publisher; readonly now: Date },
): Promise<Reply> {
  const document = JSON.parse((await bodyOf(request)).toString('utf8')) as PublishDocument;
  const attachments = Object.entries(document._attachments);
  for (const packageJson of Object.values(document.versions)) {
    const { name } = document;
    const { version } = packageJson;
    if (store.find(name, version) !== undefined)
      return json(403, { error: 'This version was published before.' });
    const find = (suffix: string) => attachments.find(([file]) => file.endsWith(suffix))?.[1].data;
    const tarball = Buffer.from(find('.tgz') ?? '', 'base64');
    const bundle = find('.sigstore');
    const attest = bundle === undefined ? 'none' : ({ identity: 'none' } as const);
    const published = assembled({ name, version, at: now, packageJson, tarball, attest }, publisher);
    if (bundle !== undefined) addProvenance(published, bundle);
    store.put(published);
  }
  return json(201, { ok: true });
}

function addProvenance(published: ReturnType<typeof assembled>, bundleText: string): void {
  const bundle = JSON.parse(bundleText);
  const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8');
  const { predicateType } = JSON.parse(payload);
  published.attestations?.attestations.push({ predicateType, bundle });
  const announced = published.manifest.dist.attestations;
  if (announced !== undefined && predicateType !== PUBLISH_TYPE) announced.provenance = { predicateType };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

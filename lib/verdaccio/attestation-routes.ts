/** Serves the registry's keys and its attestations, and takes in attestations that come after a publish. */
import { specOf } from '../text/package-id.ts';
import { answering, httpError, permitted } from './answers.ts';
import { holdBody, readBody } from './body.ts';
import type { HostedRelease } from './hosted.ts';
import type { Parts } from './parts.ts';
import { attestedAt } from './paths.ts';
import type { Release } from './records.ts';
import type { Handler, Request, Response } from './server.ts';
import { keepAttestation } from './taking-in.ts';

/** More than any bundle has. */
const LARGEST_BUNDLE = 1024 ** 2;

/**
 * `GET /-/npm/v1/keys`; `GET`, `PUT` and `POST /-/npm/v1/attestations/<name>@<version>`; and `GET /-/npmsign`, by which a publisher finds out
 * that a bundle may be sent after the tarball. Everything else goes on.
 */
export function createAttestationRoutes(parts: Parts): Handler {
  return (request, response, next) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && request.path === '/-/npm/v1/keys') {
      answering(next, parts.logger, async () => void response.json({ keys: parts.keys.published() }));
      return;
    }
    if (isRead && request.path === '/-/npmsign') {
      response.json({ attestations: 'POST' });
      return;
    }
    const id = attestedAt(request.path);
    const isWrite = request.method === 'PUT' || request.method === 'POST';
    if (id === undefined || !(isRead || isWrite)) return next();
    holdBody(request);
    answering(next, parts.logger, async () => {
      if (id === 'malformed') throw httpError(400, 'this path names no package and version');
      const packageName = id.name;
      await permitted(parts.auth, isRead ? 'access' : 'publish', { packageName, user: request.remote_user });
      const hosted = (await parts.hosted.releases(packageName)).find(
        ({ release }) => release.id.version === id.version,
      );
      if (hosted === undefined) throw httpError(404, `${specOf(id)} is not hosted here`);
      if (isRead) await serve(parts, response, hosted.release);
      else await takeIn(parts, { request, response, hosted });
    });
  };
}

async function serve({ records }: Parts, response: Response, release: Release): Promise<void> {
  const attestations = await records.readAttestations(release);
  if (attestations.length === 0) throw httpError(404, `${specOf(release.id)} has no attestations`);
  response.json({ attestations });
}

type Delivery = { readonly request: Request; readonly response: Response; readonly hosted: HostedRelease };

async function takeIn(parts: Parts, { request, response, hosted }: Delivery): Promise<void> {
  const { release } = hosted;
  const body = await readBody(request, LARGEST_BUNDLE);
  if (body.kind === 'refused') throw httpError(body.status, body.reason);
  // The bytes themselves are read, unless they were when they came: an attestation must be about what is served.
  const [kept] = await parts.records.find(release.id.name, [release]);
  if (kept?.hasOtherBytes === true)
    throw httpError(409, `${specOf(release.id)} is not the one that was published`);
  const signed = kept?.signature ?? (await parts.hosted.sign(hosted));
  if ('reason' in signed) throw httpError(409, `${specOf(release.id)}: ${signed.reason}`);
  await keepAttestation(parts, { bundle: body.json, release });
  response.status(201).json({ ok: `attestation of ${specOf(release.id)} kept` });
}

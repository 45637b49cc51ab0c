/** Stands before Verdaccio's publish: refuses what is not what it states, verifies the attestation, and signs. */
import { specOf } from '../text/package-id.ts';
import { answering, httpError, permitted } from './answers.ts';
import { holdBody, readBody } from './body.ts';
import type { Parts } from './parts.ts';
import { packageAt } from './paths.ts';
import { messageFor, parsePublication } from './publication.ts';
import type { Release } from './records.ts';
import type { Handler, Request } from './server.ts';
import { keepAttestation } from './taking-in.ts';

/**
 * `PUT /<name>`. Signature and attestation are kept before Verdaccio stores the tarball, so that a version is never served without; where
 * it refuses to store it they mean nothing, since they are served only with exactly these bytes.
 */
export function createPublishing(parts: Parts): Handler {
  return (request, _response, next) => {
    const name = request.method === 'PUT' ? packageAt(request.path) : undefined;
    if (name === undefined) return next();
    holdBody(request);
    answering(next, parts.logger, async () => {
      await permitted(parts.auth, 'publish', { packageName: name, user: request.remote_user });
      await prepare(parts, request, name);
      next();
    });
  };
}

async function prepare(parts: Parts, request: Request, name: string): Promise<void> {
  const body = await readBody(request, parts.options.largestBody);
  if (body.kind === 'refused') throw httpError(body.status, body.reason);
  const publication = parsePublication(body.json, name);
  switch (publication.kind) {
    case 'malformed':
      throw httpError(400, `this publish is refused: ${publication.reason}`);
    case 'other':
      handOn(request, body.json);
      return;
    case 'publication': {
      const { release, attestation, document } = publication;
      await refuseOtherBytes(parts, release);
      if (attestation !== undefined) await keepAttestation(parts, { ...attestation, release });
      const [kept] = await parts.records.find(name, [release]);
      if (kept?.signature === undefined) {
        parts.records.keepSignature(release, parts.keys.sign(messageFor(release)));
      }
      handOn(request, document);
    }
  }
}

/** Verdaccio will not store them; signed all the same, they would stand in the way of those that are there. */
async function refuseOtherBytes({ hosted }: Parts, { id, integrity }: Release): Promise<void> {
  const there = (await hosted.releases(id.name)).find(({ release }) => release.id.version === id.version);
  if (there !== undefined && there.release.integrity !== integrity)
    throw httpError(409, `${specOf(id)} is there already, with other bytes`);
}

/** As Express's own body parser leaves it, which then does nothing more. */
function handOn(request: Request, body: unknown): void {
  request.body = body;
  request._body = true;
}

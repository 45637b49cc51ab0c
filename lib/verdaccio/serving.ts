/** Writes signatures and attestations into what Verdaccio serves, on its way out. */
import { createHash } from 'node:crypto';
import { specOf } from '../text/package-id.ts';
import { type Announcement, type Listing, listingOf } from './announce.ts';
import { answering } from './answers.ts';
import type { HostedRelease } from './hosted.ts';
import type { Parts } from './parts.ts';
import { messageFor } from './publication.ts';
import type { Kept } from './records.ts';
import type { Handler, Response } from './server.ts';

/** Answers to `GET /<name>` and `GET /<name>/<version>` pass through here; those of other routes go out as they are. */
export function createServing(parts: Parts): Handler {
  return (request, response, next) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || request.path.startsWith('/-/')) return next();
    const send = response.send.bind(response);
    response.send = (body) => {
      response.send = send;
      const listing = response.statusCode === 200 ? listingIn(body) : undefined;
      if (listing === undefined) return send(body);
      answering(next, parts.logger, async () => {
        sendWith(response, JSON.stringify(listing.with(await knownOf(parts, listing))));
      });
      return response;
    };
    next();
  };
}

function listingIn(body: unknown): Listing | undefined {
  if (typeof body !== 'string') return undefined;
  try {
    return listingOf(JSON.parse(body));
  } catch {
    return undefined; // Not JSON: a page, a tarball.
  }
}

/** The tag is over what is sent: a client that knows the version without its attestation must get it again. */
function sendWith(response: Response, text: string): void {
  response.setHeader('ETag', `"${createHash('sha256').update(text).digest('base64url')}"`);
  response.send(text);
}

/** By version. A version that is not published here is not in the map, and keeps what its own registry says of it. */
async function knownOf(
  parts: Parts,
  { name, releases }: Listing,
): Promise<ReadonlyMap<string, Announcement>> {
  const published = new Map(
    (await parts.hosted.releases(name)).map((each) => [messageFor(each.release), each]),
  );
  const hosted = releases.flatMap((release) => published.get(messageFor(release)) ?? []);
  const kept = await parts.records.find(
    name,
    hosted.map(({ release }) => release),
  );
  const known = await Promise.all(
    hosted.map(async (each, index) => {
      const said = await announcementOf(parts, kept[index] ?? NOTHING, each);
      return [each.release.id.version, said] as const;
    }),
  );
  return new Map(known);
}

const NOTHING: Kept = { predicateTypes: [], hasOtherBytes: false };

async function announcementOf(
  { hosted, logger }: Parts,
  { signature, predicateTypes, hasOtherBytes }: Kept,
  release: HostedRelease,
): Promise<Announcement> {
  if (signature !== undefined) return { signature, predicateTypes };
  if (hasOtherBytes) {
    // Bytes that come by a publish are signed then. These were put into the storage behind the registry's back.
    logger.error(
      `npmsign: ${specOf(release.release.id)} is not the one that was published, and is not signed`,
    );
    return { predicateTypes: [] };
  }
  const made = await hosted.sign(release);
  if (!('reason' in made)) return { signature: made, predicateTypes };
  logger.error(`npmsign: ${specOf(release.release.id)} is not signed: ${made.reason}`);
  return { predicateTypes: [] };
}

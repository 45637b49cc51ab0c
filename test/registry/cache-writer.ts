/** Fills a cache with fifty entries, in a process of its own: `cache-writer.ts <directory> <home> <first number>`. */

import { openCache } from '../../lib/registry/cache.ts';
import { cacheKey } from '../../lib/registry/cache-record.ts';
import { aHost, NOW } from '../support/host.ts';

const [, , directory = '', home = '', start = '0'] = process.argv;
for (let n = Number(start); n < Number(start) + 50; n++) {
  const cache = openCache(
    aHost({ env: { HOME: home, LOCALAPPDATA: `${home}/local` }, cwd: home }),
    directory,
  );
  const key = cacheKey({ url: `https://registry.example/${n}`, kind: 'manifest', scope: '' });
  cache.put(key, {
    packed: { bytes: Buffer.from(`answer ${n}`), encoding: 'identity' },
    checkedAt: NOW.getTime(),
  });
  cache.close();
}

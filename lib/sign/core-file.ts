/** Keeps what is in memory out of core files. */
import { writeFile } from 'node:fs/promises';
import type { Host } from '../model/host.ts';

/**
 * Linux: no mapping of this process goes into a core file any more (core(5), "Controlling which mappings are written"), so a token in
 * memory cannot be found in one. Elsewhere, or where the system does not let us, nothing changes. Resolves to whether it did.
 */
export async function excludeMemoryFromCoreFiles({ platform }: Host): Promise<boolean> {
  if (platform !== 'linux') return false;
  try {
    await writeFile('/proc/self/coredump_filter', '0');
    return true;
  } catch {
    return false; // A sandbox without /proc. Cores there are the sandbox's to forbid.
  }
}

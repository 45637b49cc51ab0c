/** Packs a package into a tarball, the same bytes every time. */
import { gzipSync } from 'node:zlib';

/** Files of a package by their path inside it. */
export type PackageFiles = Readonly<Record<string, string | Uint8Array>>;

const BLOCK = 512;
// npm's own tarballs carry this date, so that packing twice gives the same bytes.
const MTIME = Date.parse('1985-10-26T08:15:00Z') / 1000;

/** The gzipped tarball of a package: everything below `package/`, as `npm pack` writes it. */
export function packTarball(files: PackageFiles): Buffer {
  const entries = Object.entries(files).flatMap(([name, content]) =>
    entryOf(`package/${name}`, Buffer.from(content)),
  );
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]), { level: 9 });
}

/** One file: a ustar header (POSIX.1-1988), then its content in whole blocks. */
function entryOf(name: string, content: Buffer): Buffer[] {
  if (Buffer.byteLength(name) > 100)
    throw new Error(`The path ${name} is longer than a plain tar header holds.`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o755, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(MTIME, 12), 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

/** The thread that proves, beside the one that asks registries and judges. */
import process from 'node:process';
import { EXIT } from '../lib/errors.ts';
import { serveProofs } from '../lib/proving/index.ts';

if (!serveProofs(process)) {
  process.stderr.write('npmsign: this is a part of npmsign, and not a program to run by itself.\n');
  process.exitCode = EXIT.misuse;
}

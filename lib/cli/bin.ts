#!/usr/bin/env node
/** The `npmsign` executable. */
import process from 'node:process';
import { main, runProgram } from './main.ts';

runProgram({
  world: process,
  reportTo: 'stdout',
  job: (host) => main(process.argv.slice(2), host),
  prover: new URL('./prover.mjs', import.meta.url),
});

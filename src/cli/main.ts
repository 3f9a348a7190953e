#!/usr/bin/env node
/** The command-line program `tfjs-convolutions`. */
import { exitOnInterrupt } from './interruption.js';
import { runProgram } from './program.js';

// A reader that closes early (`tfjs-convolutions analyze … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

exitOnInterrupt();
void runProgram(process.argv).then((status) => {
  process.exitCode = status;
});

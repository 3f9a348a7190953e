#!/usr/bin/env node
/** The command-line program `tfjs-convolutions`. */
import { createRequire } from 'node:module';
import { describe, EXIT, printError } from './exit_status.js';
import { exitOnInterrupt } from './interruption.js';
import { guardOutput } from './output.js';
import { runProgram } from './program.js';

guardOutput();
exitOnInterrupt();
// Errors that nobody foresaw are reported in one line too, without a stack trace.
process.on('uncaughtException', (error) => {
  printError(describe(error));
  process.exit(EXIT.failure);
});
const { version } = createRequire(__filename)('../../../package.json') as { version: string };
void runProgram(process.argv, version).then((status) => {
  process.exitCode = status;
});

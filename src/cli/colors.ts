/**
 * Colours on a terminal, plain text elsewhere. By itself, picocolors would also colour output to a file or a pipe if the
 * environment variable `CI` is set.
 */
import { isatty } from 'node:tty';
import pc from 'picocolors';

export const onStdout = pc.createColors(pc.isColorSupported && isatty(1));

export const onStderr = pc.createColors(pc.isColorSupported && isatty(2));

/**
 * Colours on a terminal, plain text elsewhere. picocolors by itself also colours what goes to a file or a pipe where the
 * variable `CI` is set.
 */
import { isatty } from 'node:tty';
import pc from 'picocolors';

export const onStdout = pc.createColors(pc.isColorSupported && isatty(1));

export const onStderr = pc.createColors(pc.isColorSupported && isatty(2));

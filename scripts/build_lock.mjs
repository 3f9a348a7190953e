// Allows one build of dist/ at a time: several test runs and a user may request one at the same time.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './freshness.mjs';

const lock = path.join(root, '.dist-lock');

/** Milliseconds after which a lock is stale, even if its process ID is in use again: no build takes that long. */
const LONGEST = 600_000;

/** Waits for the lock, runs a function and returns its result. */
export async function alone(work) {
  // A rename makes the lock, a folder with the process ID, appear complete or not at all.
  const own = `${lock}-${process.pid}`;
  fs.mkdirSync(own, { recursive: true });
  fs.writeFileSync(path.join(own, 'pid'), String(process.pid));
  try {
    while (!take(own)) await sleep(100);
  } catch (error) {
    fs.rmSync(own, { recursive: true, force: true });
    throw error;
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lock, { recursive: true, force: true });
  }
}

function take(own) {
  try {
    fs.renameSync(own, lock);
    return true;
  } catch (error) {
    // Windows reports an existing folder as a lack of permission.
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
  }
  if (isAbandoned()) fs.rmSync(lock, { recursive: true, force: true });
  return false;
}

/** Tests whether the process that holds the lock has ended without releasing it. */
function isAbandoned() {
  const file = path.join(lock, 'pid');
  try {
    if (Date.now() - fs.statSync(file).mtimeMs > LONGEST) return true;
    process.kill(Number(fs.readFileSync(file, 'utf8')), 0);
    return false;
  } catch (error) {
    // ENOENT: just released. EPERM: still running, as another user.
    return error.code === 'ESRCH';
  }
}

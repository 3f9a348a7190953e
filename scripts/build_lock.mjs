// One build of dist/ at a time, whichever processes want one: the tests, the package's tests and a person may ask at once.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './freshness.mjs';

const lock = path.join(root, '.dist-lock');

/** No build takes so long; whoever holds the lock longer is gone, and another process has its number. Milliseconds. */
const LONGEST = 600_000;

/** Waits until nobody else is at work here, works, and gives back what the work gives. */
export async function alone(work) {
  // A folder that holds the number of its process appears under the name of the lock whole, or not at all.
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
    // Windows calls a folder in the way a lack of permission.
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
  }
  if (isAbandoned()) fs.rmSync(lock, { recursive: true, force: true });
  return false;
}

/** Whether the process that took the lock has ended without giving it back. */
function isAbandoned() {
  const file = path.join(lock, 'pid');
  try {
    if (Date.now() - fs.statSync(file).mtimeMs > LONGEST) return true;
    process.kill(Number(fs.readFileSync(file, 'utf8')), 0);
    return false;
  } catch (error) {
    // ENOENT: given back at this moment. EPERM: it runs, as another user.
    return error.code === 'ESRCH';
  }
}

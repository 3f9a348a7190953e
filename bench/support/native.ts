/** The optional native backend, as a peer to compare with. */

/** Loads tfjs-node; false where its native library is not installed. */
export async function loadNative(): Promise<boolean> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  try {
    await import('@tensorflow/tfjs-node');
    return true;
  } catch {
    console.log("tfjs-node's native library is not installed: that peer is left out");
    return false;
  }
}

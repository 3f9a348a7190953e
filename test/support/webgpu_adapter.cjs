// WebGPU in Node: Dawn's implementation, from the package `webgpu`, on a Vulkan driver. Where the environment names none,
// chromium's software one is taken, if it is installed: it computes the same everywhere.
const fs = require('node:fs');
const os = require('node:os');
const { shareDevice } = require('./webgpu_device.cjs');

const SOFTWARE = '/usr/lib/chromium/vk_swiftshader_icd.json';

// Zeros for the memory of workgroups come from a loop instead of one store for each element, of which the software driver
// makes code that takes it ten times as long to compile.
const FAST_COMPILATION = 'disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension';

let opened;

/** Adds WebGPU to a global object, one instance per process, or the reason for its absence as `webgpuAbsence`. */
module.exports.installWebGPU = async (scope) => {
  const { gpu, globals, absence } = await (opened ??= open());
  scope.webgpuAbsence = absence;
  if (absence !== undefined) return;
  Object.assign(scope, globals);
  Object.defineProperty(scope, 'navigator', { value: { gpu }, configurable: true, writable: true });
};

async function open() {
  const named = process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES;
  if (named === undefined && fs.existsSync(SOFTWARE)) process.env.VK_ICD_FILENAMES = SOFTWARE;
  // The Vulkan loader complains if there is none.
  process.env.XDG_RUNTIME_DIR ??= os.tmpdir();
  let library;
  try {
    library = await import('webgpu');
  } catch (error) {
    return { absence: `the package webgpu does not load: ${String(error).split('\n')[0]}` };
  }
  const instance = library.create([FAST_COMPILATION]);
  const adapter = await instance.requestAdapter();
  // A library without an adapter is useless, but TensorFlow.js would not notice.
  if (adapter === null) return { absence: 'there is no WebGPU adapter; chromium and libvulkan1 bring one' };
  const shared = shareDevice(adapter);
  // Without the instance its devices crash, and they do not keep it.
  return { gpu: { instance, requestAdapter: () => Promise.resolve(shared) }, globals: library.globals };
}

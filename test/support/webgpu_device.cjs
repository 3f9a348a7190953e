// One WebGPU device for a whole process. Test files come one after another, each with a backend of its own, and want
// the same shaders, which take a software driver a fifth of the tests' time to compile: one that an earlier file
// compiled is handed out again. What a backend caches, counts and frees remains its own.

/** The same adapter, with one device for all callers. */
module.exports.shareDevice = (adapter) => {
  const { features, limits, info } = adapter;
  let opened;
  const requestDevice = (descriptor) => (opened ??= adapter.requestDevice(descriptor).then(keepPipelines));
  return { features, limits, info, requestDevice };
};

/**
 * Makes a device compile each shader once. TensorFlow.js gives all pipelines the same entry point and the layout
 * 'auto'.
 */
function keepPipelines(device) {
  const createModule = device.createShaderModule.bind(device);
  const createPipeline = device.createComputePipeline.bind(device);
  const modules = new Map();
  const pipelines = new Map();
  device.createShaderModule = (descriptor) => recall(modules, descriptor.code, () => createModule(descriptor));
  device.createComputePipeline = (descriptor) =>
    recall(pipelines, descriptor.compute.module, () => createPipeline(descriptor));
  return device;
}

function recall(known, key, make) {
  if (!known.has(key)) known.set(key, make());
  return known.get(key);
}

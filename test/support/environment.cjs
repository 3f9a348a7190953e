// Node environment whose typed arrays are those of the outer realm: values from native modules (tfjs-node, sharp,
// webgpu) then pass `instanceof` inside the tests as they do outside. It has WebGPU if the machine does; otherwise the
// global `webgpuAbsence` gives the reason.
const { TestEnvironment } = require('jest-environment-node');
const { compileOnce } = require('./compile_once.cjs');
const { installWebGPU } = require('./webgpu_adapter.cjs');

compileOnce();

const SHARED = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
];

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of SHARED) this.global[name] = globalThis[name];
  }

  async setup() {
    await super.setup();
    await installWebGPU(this.global);
  }
};

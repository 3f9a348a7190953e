/** What is wrong with the gradients of TensorFlow.js 4.22's layers, by the titles of layer_cases.ts. */

/** Backends of the host, by the names that `tf.setBackend` takes. */
export type HostBackend = 'cpu' | 'wasm' | 'tensorflow' | 'webgl' | 'webgpu';

/** `wrong`: another gradient than that of the value. `fails`: an error instead of one. */
export type Fault = 'wrong' | 'fails';

/** Those that this package does not mend: an error of the layer itself, before any kernel. */
export const UNMENDED: readonly string[] = [
  'elu({alpha:0.5}) of 3×4',
  'softmax({}) of 2×5×6×3',
  'softmax({axis:1}) of 2×5×6×3',
  'centerCrop({height:3,width:2}) of 2×5×6×3',
  'conv1d({filters:4,kernelSize:2,strides:2,padding:causal}) of 2×5×3',
];

/** Errors of tfjs-core and tfjs-layers, the same on every backend. */
const EVERYWHERE = [
  'conv1d({filters:4,kernelSize:2,dilationRate:2}) of 2×5×3',
  'conv2d({filters:4,kernelSize:3,dilationRate:2}) of 2×5×6×3',
  'conv2d({filters:4,kernelSize:[3,2],dilationRate:[1,2],padding:same,activation:sigmoid}) of 2×5×6×3',
  'conv2d({filters:4,kernelSize:2,dilationRate:2,dataFormat:channelsFirst}) of 2×3×5×6',
  'separableConv2d({filters:4,kernelSize:2,dilationRate:2}) of 2×5×6×3',
  'thresholdedReLU({theta:0.3}) of 3×4',
  'masking({maskValue:0}) of 2×5×3',
  'maximum({}) of 2×5×6×3, 2×1×6×3',
  'minimum({}) of 2×5×6×3, 2×1×6×3',
  'batchNormalization({scale:false}) of 3×4',
  'batchNormalization({center:false}) of 3×4',
  'batchNormalization({scale:false}) of 3×4, training',
  'batchNormalization({center:false}) of 3×4, training',
  'batchNormalization({scale:false}) of 2×5×3',
  'batchNormalization({center:false}) of 2×5×3',
  'batchNormalization({scale:false}) of 2×5×3, training',
  'batchNormalization({center:false}) of 2×5×3, training',
  'batchNormalization({scale:false}) of 2×5×6×3',
  'batchNormalization({center:false}) of 2×5×6×3',
  'batchNormalization({scale:false}) of 2×5×6×3, training',
  'batchNormalization({center:false}) of 2×5×6×3, training',
  'batchNormalization({axis:1}) of 2×5×6×3',
  'batchNormalization({axis:2}) of 2×5×6×3',
  'batchNormalization({axis:1}) of 2×5×6×3, training',
  'batchNormalization({axis:2}) of 2×5×6×3, training',
  'batchNormalization({axis:1}) of 2×5×3',
  'batchNormalization({axis:1}) of 2×5×3, training',
  'layerNormalization({scale:false}) of 2×5×6×3',
  'layerNormalization({center:false}) of 2×5×6×3',
  'conv3dTranspose({filters:3,kernelSize:2,strides:2,padding:same}) of 2×4×5×3×2',
  'conv3dTranspose({filters:3,kernelSize:2,strides:2,padding:valid}) of 2×4×5×3×2',
];

/** Kernels that wasm lacks. */
const WITHOUT_KERNELS = [
  'embedding',
  'conv1d({filters:4,kernelSize:3,padding:same}) of 2×5×3',
  'conv1d({filters:4,kernelSize:3,padding:valid}) of 2×5×3',
  'conv2d({filters:4,kernelSize:[3,2],strides:[2,1],padding:same}) of 2×5×6×3',
  'conv2d({filters:4,kernelSize:[3,2],strides:[2,1],padding:valid}) of 2×5×6×3',
  'conv2d({filters:4,kernelSize:1,activation:sigmoid}) of 2×5×6×3',
  'conv2d({filters:4,kernelSize:2,dataFormat:channelsFirst}) of 2×3×5×6',
  'conv2dTranspose({filters:4,kernelSize:3,strides:2,padding:same}) of 2×5×6×3',
  'conv2dTranspose({filters:4,kernelSize:3,strides:2,padding:valid}) of 2×5×6×3',
  'depthwiseConv2d({kernelSize:3,depthMultiplier:2,padding:same}) of 2×5×6×3',
  'depthwiseConv2d({kernelSize:3,depthMultiplier:2,padding:valid}) of 2×5×6×3',
  'separableConv2d({filters:4,kernelSize:3,padding:same}) of 2×5×6×3',
  'separableConv2d({filters:4,kernelSize:3,padding:valid}) of 2×5×6×3',
  'convLstm2d({filters:2,kernelSize:2,padding:same}) of 2×4×5×3×2',
  'timeDistributed of conv2d',
];

/** The batch of nearest resizing. */
const WRONG_ON_CPU = [
  'upSampling2d({size:[2,3]}) of 2×5×6×3',
  'upSampling2d({size:[2,2],dataFormat:channelsFirst}) of 2×3×5×4',
  'resizing({height:7,width:4,interpolation:nearest}) of 2×5×6×3',
];

/** Height and width of bilinear resizing, exchanged. */
const SHAPE_ON_CPU = [
  'upSampling2d({size:[2,3],interpolation:bilinear}) of 2×5×6×3',
  'resizing({height:7,width:4}) of 2×5×6×3',
  'resizing({height:7,width:4,cropToAspectRatio:true}) of 2×5×6×3',
];

/** The border of average pooling, divided by the whole window. */
const WRONG_BORDERS = [
  'averagePooling1d({poolSize:3,strides:2,padding:same}) of 2×5×3',
  'averagePooling2d({poolSize:[3,2],strides:[2,2],padding:same}) of 2×5×6×3',
  'averagePooling3d({poolSize:2,strides:2,padding:same}) of 2×4×5×3×2',
];

/** Maxima that are not positive; the input of convolutions of volumes. */
const WRONG_ON_WASM = [
  'conv3d({filters:3,kernelSize:2,padding:same}) of 2×4×5×3×2',
  'conv3d({filters:3,kernelSize:2,padding:valid}) of 2×4×5×3×2',
  'conv3d({filters:3,kernelSize:2,strides:2}) of 2×4×5×3×2',
  'maxPooling1d({poolSize:3,strides:2,padding:same}) of 2×5×3',
  'maxPooling1d({poolSize:3,strides:2,padding:valid}) of 2×5×3',
  'maxPooling2d({poolSize:[3,2],strides:[2,2],padding:same}) of 2×5×6×3',
  'maxPooling2d({poolSize:[3,2],strides:[2,2],padding:valid}) of 2×5×6×3',
];

type Faults = Readonly<Partial<Record<HostBackend, Fault>>>;

const ALL: Faults = { cpu: 'fails', wasm: 'fails', tensorflow: 'fails', webgl: 'fails', webgpu: 'fails' };

const each = (titles: readonly string[], faults: Faults): [string, Faults][] => titles.map((title) => [title, faults]);

export const FAULTS: Readonly<Record<string, Faults>> = Object.fromEntries([
  ...each([...UNMENDED, ...EVERYWHERE], ALL),
  ...each(WITHOUT_KERNELS, { wasm: 'fails' }),
  ...each(WRONG_ON_CPU, { cpu: 'wrong' }),
  ...each(SHAPE_ON_CPU, { cpu: 'fails' }),
  ...each(WRONG_BORDERS, { cpu: 'wrong', wasm: 'wrong', webgl: 'wrong', webgpu: 'wrong' }),
  ...each(WRONG_ON_WASM, { wasm: 'wrong' }),
]);

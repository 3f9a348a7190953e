/** Converters of all layers, by class name. */
import { COMPOSITE_LAYERS } from './composite_layers.js';
import { CONVOLUTION_LAYERS } from './convolution_layers.js';
import { DEFORMABLE_BLOCKS } from './deformable_blocks.js';
import { DEFORMABLE_LAYERS } from './deformable_layers.js';
import { ELEMENT_LAYERS } from './element_layers.js';
import { IMAGE_LAYERS } from './image_layers.js';
import type { Converters } from './layer_use.js';
import { REGION_LAYERS } from './region_layers.js';

export const CONVERTERS: Converters = {
  ...COMPOSITE_LAYERS,
  ...CONVOLUTION_LAYERS,
  ...DEFORMABLE_BLOCKS,
  ...DEFORMABLE_LAYERS,
  ...ELEMENT_LAYERS,
  ...IMAGE_LAYERS,
  ...REGION_LAYERS,
};

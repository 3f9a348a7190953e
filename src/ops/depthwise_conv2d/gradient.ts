/** Gradients of depthwiseConv2d: bilinear in (x, filter), affine in bias. */
import { bilinearGradients } from '../bilinear_gradients.js';
import { DEPTHWISE_CONV2D } from './kernels.js';

export const gradients = bilinearGradients('differentiate depthwiseConv2d', DEPTHWISE_CONV2D);

/** Gradients of conv2d: bilinear in (x, filter), affine in bias. */
import { bilinearGradients } from '../bilinear_gradients.js';
import { CONV2D } from './kernels.js';

export const gradients = bilinearGradients('differentiate conv2d', CONV2D);

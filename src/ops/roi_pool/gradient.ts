/** Gradients of roiPool: of the largest pixel of every bin (first order). */
import { maximumGradients } from '../roi/gradient.js';
import { ROI_POOL } from './names.js';

export const gradients = maximumGradients('differentiate roiPool', ROI_POOL);

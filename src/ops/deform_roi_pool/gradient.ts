/** Gradients of deformRoiPool: in x and offset (first order). */
import { deformedGradients } from '../roi/gradient.js';
import { DEFORM_ROI_POOL } from './names.js';

export const gradients = deformedGradients('differentiate deformRoiPool', DEFORM_ROI_POOL);

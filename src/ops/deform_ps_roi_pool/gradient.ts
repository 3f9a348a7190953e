/** Gradients of deformPsRoiPool: in x and offset (first order). */
import { deformedGradients } from '../roi/gradient.js';
import { DEFORM_PS_ROI_POOL } from './names.js';

export const gradients = deformedGradients('differentiate deformPsRoiPool', DEFORM_PS_ROI_POOL);

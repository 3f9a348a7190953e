/** Gradients of psRoiPool: linear in x. */
import { linearGradients } from '../roi/gradient.js';
import { PS_ROI_POOL } from './names.js';

export const gradients = linearGradients('differentiate psRoiPool', PS_ROI_POOL);

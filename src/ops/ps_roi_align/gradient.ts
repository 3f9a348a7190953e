/** Gradients of psRoiAlign: linear in x. */
import { linearGradients } from '../roi/gradient.js';
import { PS_ROI_ALIGN } from './names.js';

export const gradients = linearGradients('differentiate psRoiAlign', PS_ROI_ALIGN);

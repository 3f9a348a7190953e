/** Gradients of roiAlign: linear in x. */
import { linearGradients } from '../roi/gradient.js';
import { ROI_ALIGN } from './names.js';

export const gradients = linearGradients('differentiate roiAlign', ROI_ALIGN);

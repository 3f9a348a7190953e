/** All operators that layers compute. */
import { ACTIVATION_OPERATORS } from './activation_operators.js';
import { ARITHMETIC_OPERATORS } from './arithmetic_operators.js';
import { CONVOLUTION_OPERATORS } from './convolution_operators.js';
import { IMAGE_OPERATORS } from './image_operators.js';
import { MATRIX_OPERATORS } from './matrix_operators.js';
import type { Operators } from './node_use.js';
import { PART_OPERATORS } from './part_operators.js';
import { RESIZE_OPERATORS } from './resize_operators.js';
import { VIEW_OPERATORS } from './view_operators.js';

export const OPERATORS: Operators = {
  ...ACTIVATION_OPERATORS,
  ...ARITHMETIC_OPERATORS,
  ...CONVOLUTION_OPERATORS,
  ...IMAGE_OPERATORS,
  ...MATRIX_OPERATORS,
  ...PART_OPERATORS,
  ...RESIZE_OPERATORS,
  ...VIEW_OPERATORS,
};

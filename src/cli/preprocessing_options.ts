/** Options of commands that prepare images for a model. */
import { Option, type Command } from 'commander';
import { FITS } from '../training/fits.js';
import { colour, numberList, twoNumbers } from './option_values.js';

/**
 * Adds the options that choose a preprocessing.
 *
 * @param command command to add them to
 * @param isTraining true if the model records them; otherwise the model's own are the defaults
 */
export function addPreprocessingOptions(command: Command, isTraining: boolean): Command {
  const byDefault = (value: string): string => (isTraining ? value : "the model's");
  const fit = new Option(
    '--fit <way>',
    `fit of images to the size: crop the middle, stretch, or contain the whole${isTraining ? '' : " (default: the model's)"}`,
  ).choices(FITS);
  return command
    .addOption(isTraining ? fit.default(FITS[0]) : fit)
    .option(
      '--background <colour>',
      `colour under transparent pixels and around contained images: #rrggbb, white, black (default: ${byDefault('white')})`,
      colour,
    )
    .option(
      '--range <black,white>',
      `values that the model takes for black and for white (default: ${byDefault('-1,1')})`,
      twoNumbers,
    )
    .option(
      '--mean <numbers>',
      'in place of --range: mean to subtract from pixels from 0 to 1, one number or one per channel',
      numberList,
    )
    .option('--std <numbers>', 'with --mean: standard deviation to divide by (default: 1)', numberList);
}

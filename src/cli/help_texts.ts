/** Texts after the options in the help of each command. */
export const HELP_TEXTS = {
  program: `
Examples:
  $ tfjs-convolutions train                          # scenes of digits, with one deformable layer
  $ tfjs-convolutions evaluate runs/scenes-1
  $ tfjs-convolutions predict runs/photos holiday --top 3
  $ tfjs-convolutions analyze mobilenet_v2 --alpha 0.5 --size 160
  $ tfjs-convolutions convert runs/mnist-mobileNetV1-1 digits.onnx

Exit status: 0 success, 1 failure (data, files, model), 2 invalid command line, 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP,
141 standard output was closed by its reader.`,
  train: `
Without --data, --task and a network, the main job runs: a small network with one deformable layer learns to name digits of all
sizes amid clutter, in about a minute on two cores, by default with --epochs 4 --batch 16 --learning-rate 0.02
--offset-rate 0.3. With --model, a MobileNet or another network learns single digits.

Output in --out: model/ (for tf.loadLayersModel), history.csv and history.json, curves.svg, pictures (sampling.svg; for the main
job samples_follow_size.svg and spread_by_size.svg; for a segmentation predictions.png), checkpoint.bin, with --keep-best also
best.bin, and run.json, which records the settings of the run and the files it wrote. A new run never overwrites another one by
accident: --out must be a new or empty folder unless --resume or --overwrite is given. --overwrite replaces only files that a run
wrote, and keeps the old run in replaced/ until the new one finishes. Only one process at a time can train in a folder.
Ctrl-C, SIGTERM and SIGHUP finish the current step, save a checkpoint and exit with status 130, 143 and 129. If standard
output is closed, training continues without it.

A folder of images contains one subfolder per class, or train and test (also: training, testing), each with one subfolder
per class; if there is no test, val (also: valid, validation) is used for testing. Images (jpg, png, webp, gif, avif, tiff, svg)
are recognized by their content, and may be in subfolders of their class. System files (names starting with a dot,
__MACOSX, Thumbs.db, desktop.ini, @eaDir) are ignored silently; anything else that is skipped (other formats, links to a
folder around them, val beside test) is reported in a note on stderr. Corrupt images and broken links are listed in one
error, unless --skip-broken passes over them.

A tar or zip file is read like a folder, without unpacking it; a tar file with .cls files like a shard of WebDataset. A list
has the columns file and label, and perhaps split (train, test, validation); files are relative to its folder.

To segment, a folder contains images and masks, or train and test (val) with both, and classes.json: the names of the classes
0, 1, … or an object of their numbers in the masks, such as {"ground": 0, "cat": 255}. A mask is a PNG of the name and the size
of its image, whose palette indices or grey levels are these numbers; 255 is no class unless it is named. The network is
mobileNetUNet (unless --model deepLabV3Plus), by default with --alpha 0.35 --deformable 0 --size 64; predictions.png shows test
images, their masks and those of the network.

Images that do not fit into 200 MB of memory once they are decoded are decoded again in each epoch, in the background, or
once into runs/cache with --cache disk, where later runs find them. The results are the same bits.

Examples:
  $ tfjs-convolutions train
  $ tfjs-convolutions train --model mobileNetV1
  $ tfjs-convolutions train --data photos --size 64 --epochs 20 --out runs/photos
  $ tfjs-convolutions train --data /usr/share/datasets/fashion-mnist --limit 6000 --epochs 3
  $ tfjs-convolutions train --data photos --optimizer adamw --weight-decay 0.05 --label-smoothing 0.1 --warm-up 1
  $ tfjs-convolutions train --from emoji --data photos --freeze all
  $ tfjs-convolutions train --from mobilenet.keras --data photos --unfreeze-after 3 --epochs 10
  $ tfjs-convolutions train --task segment --data streets --size 96 --augment flip,zoom=0.1
  $ tfjs-convolutions train --resume --out runs/photos`,
  evaluate: `
Prints loss and accuracy, and for each class the number of its images, precision, recall, F1 and the classes that it is most often
mistaken for; for a segmentation the same of pixels, with mean IoU and Dice. Broken images are left out if the run left them out.

Output in --out, replacing pictures of the same names: confusion.svg, the images (pixels) of each class by the class that they
were taken for, unless images have several labels, and worst.svg (worst.png for a segmentation), the ten images with the highest
loss.

Examples:
  $ tfjs-convolutions evaluate runs/mnist-mobileNetV1-1
  $ tfjs-convolutions evaluate runs/photos --out runs/photos/test
  $ tfjs-convolutions evaluate runs/photos/model --data others`,
  analyze: `
Output in --out, replacing plots of the same names: cost.svg, receptive_field.svg and, for models that take images,
effective_receptive_field.svg and (with deformable layers) sampling.svg.
Model names may also be written with underscores: mobilenet_v2 is mobileNetV2.

Examples:
  $ tfjs-convolutions analyze mobilenet_v2 --alpha 0.5 --size 160
  $ tfjs-convolutions analyze mobilenet_v1 --deformable 3 --image cat.jpg --out cat
  $ tfjs-convolutions analyze runs/mnist-mobileNetV1-shallow-1
  $ tfjs-convolutions analyze mobileNetV1 --alpha 0.25 --json`,
  convert: `
The file has operator set 19; its metadata has the class names and the preprocessing as JSON, under class_names and
preprocessing. An existing file is replaced. A name without an ending is a folder, which gets model.json and weights.bin for
tf.loadLayersModel, with weights in the type of --weights. Layers that have no form in ONNX are listed in one error, and nothing
is written.

Examples:
  $ tfjs-convolutions convert runs/mnist-mobileNetV1-1 digits.onnx --fold-batch-normalization
  $ tfjs-convolutions convert runs/photos photos.onnx --deformable decomposed --layout nchw
  $ tfjs-convolutions convert runs/photos photos.keras
  $ tfjs-convolutions convert runs/photos small --weights uint8`,
} as const;

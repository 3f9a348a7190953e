// Starts the tslab kernel of node_modules. tslab reads TypeScript from below the folder where it starts and from nowhere else;
// Jupyter starts kernels in the folder of the notebook. From examples/, cells can import './support/picture', as programs do.
const path = require('node:path');

process.chdir(path.join(__dirname, '../examples'));
require('tslab/dist/main.js').main();

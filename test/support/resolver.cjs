// Sources import each other as './x.js', which is x.ts. Jest keeps what a resolver finds, in each process; what a
// moduleNameMapper maps it looks up on the disk again for every import of every test file.
const fs = require('node:fs');
const path = require('node:path');

module.exports = (request, options) => {
  if (/^\.\.?\/.*\.js$/.test(request) && !options.basedir.includes('node_modules')) {
    const source = path.resolve(options.basedir, request.replace(/js$/, 'ts'));
    if (fs.existsSync(source)) return source;
  }
  return options.defaultResolver(request, options);
};

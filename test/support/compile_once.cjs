// Every test file evaluates TensorFlow.js and the sources anew, in a context of its own, and Node would parse their three
// hundred modules for each. What the engine found out about a module when it was first compiled is handed to it again.
const vm = require('node:vm');

const { compileFunction } = vm;
const known = new Map();

/** Makes Node parse each module once per process. */
module.exports.compileOnce = () => {
  vm.compileFunction = (code, parameters, options) => {
    // An import() that was compiled before does not find its module loader.
    if (/\bimport\s*\(/.test(code)) return compileFunction(code, parameters, options);
    const { filename } = options;
    const before = known.get(filename);
    // The engine itself compares lengths only.
    if (before?.code === code) return compileFunction(code, parameters, { ...options, cachedData: before.cachedData });
    const compiled = compileFunction(code, parameters, { ...options, produceCachedData: true });
    known.set(filename, { code, cachedData: compiled.cachedData });
    return compiled;
  };
};

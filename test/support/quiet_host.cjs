// TensorFlow.js prints an advertisement in every process that uses its cpu backend; other warnings are kept.
const { warn } = console;
console.warn = (...message) => {
  if (!String(message[0]).includes('looks like you are running TensorFlow.js in Node.js')) warn(...message);
};

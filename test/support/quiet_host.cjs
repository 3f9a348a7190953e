// The host greets every process that uses its cpu backend with an advertisement; any other warning stays.
const { warn } = console;
console.warn = (...message) => {
  if (!String(message[0]).includes('looks like you are running TensorFlow.js in Node.js')) warn(...message);
};

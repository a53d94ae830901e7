// Medplum's own listener, as its agent uses it, without the agent's queue: it stores nothing.
const { createRequire } = require('node:module');
const { Hl7Server } = createRequire(process.argv[2])('@medplum/hl7');

const server = new Hl7Server((connection) => {
  connection.addEventListener('message', ({ message }) => connection.send(message.buildAck()));
});
Promise.resolve(server.start(0, 'utf-8')).then(() => {
  const inner = server.server;
  const say = () => console.log(`port ${inner.address().port}`);
  if (inner.listening) say();
  else inner.once('listening', say);
});

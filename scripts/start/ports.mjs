import { createServer } from 'node:net';

/**
 * Checks that nobody listens on an address yet.
 * @param {'http' | 'mqtt'} option the option that changes it
 * @param {import('./options.mjs').Address} address
 * @returns {Promise<string | null>} what is wrong, as a sentence that says what to do
 */
export function portFault(option, { host, port, text }) {
  if (port === 0) return Promise.resolve(null);
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve(sentence(option, text, error)));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(null)));
  });
}

function sentence(option, text, error) {
  const change = `npm start -- --${option} [HOST:]PORT chooses another one (port 0: any free one).`;
  if (error.code === 'EADDRINUSE')
    return `The address ${text} is taken by another program. ${change}`;
  if (error.code === 'EACCES') return `This user may not listen on ${text}. ${change}`;
  return `Nothing can listen on ${text} (${error.message}). ${change}`;
}

import { parseArgs } from 'node:util';

const usage = `npm start -- [--http [HOST:]PORT] [--mqtt [HOST:]PORT] [--insecure]

  --http      where the API and the page listen (127.0.0.1:7600; port 0: a free one)
  --mqtt      where the MQTT broker listens (127.0.0.1:1883; port 0: a free one)
  --insecure  allows addresses other than loopback without TLS`;

/**
 * The options of `npm start`; prints the usage and ends the process if they are not understood or help is asked for.
 * @returns {{ http: Address, mqtt: Address, insecure: boolean }}
 */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        http: { type: 'string', default: '127.0.0.1:7600' },
        mqtt: { type: 'string', default: '127.0.0.1:1883' },
        insecure: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (!values.help) {
      const { insecure } = values;
      return { http: readAddress(values.http), mqtt: readAddress(values.mqtt), insecure };
    }
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`Error: ${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

/**
 * `[HOST:]PORT`; an IPv6 host stands in brackets.
 * @typedef {{ host: string, port: number, text: string }} Address
 * @returns {Address}
 */
function readAddress(text) {
  const [, host = '127.0.0.1', port = ''] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) {
    throw new Error(`"${text}" is no address. Write [HOST:]PORT, for example 127.0.0.1:7601.`);
  }
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return { host: bare, port: Number(port), text: `${host}:${port}` };
}

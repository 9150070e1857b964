import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { setUp } from './setup.mjs';
import { createChildren } from './start/children.mjs';
import { createCtl } from './start/ctl.mjs';
import {
  devices,
  FIRST,
  NEXT,
  PROGRAM,
  writePacketDirectory,
  writeSpec,
} from './start/example.mjs';
import { readOptions } from './start/options.mjs';
import { portFault } from './start/ports.mjs';
import { claimPlace, leavePlace, notePids, place } from './start/workplace.mjs';

/*
 * `npm start`: the whole system on this machine. A server, three agents with different labels, the packets and the spec
 * of the classic example; stays up until Ctrl-C. Everything it writes is below data/.
 */
const CONVERGE_MS = 60_000;
const options = readOptions(process.argv.slice(2));
const shown = (path) => relative(process.cwd(), path) || '.';
const print = (line) => console.log(`  ${new Date().toTimeString().slice(0, 8)}  ${line}`);
const children = createChildren({ logs: place.logs, onEnd: sayThatItEnded });
let address = { http: '', mqtt: '' };
let watch = null;

function sayThatItEnded({ name, how, tail }) {
  notePids(children.pids());
  const rest =
    name === 'jamesd'
      ? `The devices keep what they have. Start it again with:\n    ${serverCommand().join(' ')}`
      : 'The others go on.';
  console.error(
    `\n${name} ended (${how}). ${rest}\n  The end of its log:\n${tail.replace(/^/gm, '    ')}\n`,
  );
}

function serverArguments({ http, mqtt }) {
  const insecure = options.insecure ? ['--insecure'] : [];
  const where = ['--http', http, '--mqtt', mqtt, ...insecure];
  return ['serve', '--data', place.server, '--token-file', place.token, ...where];
}

/** The command that starts the server by hand, on the ports that it had. */
function serverCommand() {
  const bare = (url) => url.replace(/^\w+:\/\//, '').replace(/\/$/, '');
  const where = { http: bare(address.http), mqtt: bare(address.mqtt) };
  return ['node', 'dist/jamesd.js', ...serverArguments(where)];
}

/** Starts the server and waits until it says where it listens. */
async function startServer() {
  const where = { http: options.http.text, mqtt: options.mqtt.text };
  const child = children.start('jamesd', 'jamesd', serverArguments(where));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    child.stdout.resume();
    return JSON.parse(line);
  }
  throw new Error(`the server did not start; ${shown(join(place.logs, 'jamesd.log'))} says why.`);
}

/** Builds and uploads the packets of a version, one per architecture. */
async function uploadPackets(ctl, version) {
  for (const { arch } of devices) {
    const directory = writePacketDirectory(version, arch);
    const file = `${directory}.jpk`;
    await ctl('packet', 'build', directory, '-f', file);
    const id = await ctl('packet', 'upload', file);
    print(`packet  logger {version: ${version}, arch: ${arch}}  ${id.slice(0, 19)}…`);
  }
}

async function startAgents(ctl) {
  const uses = String(devices.length);
  const made = await ctl(
    'token',
    'create',
    '--join',
    '--labels',
    'fleet=alpha',
    '--uses',
    uses,
    '-o',
    'json',
  );
  for (const { id, arch } of devices) {
    for (const path of [place.rootOf(id), place.stateOf(id)]) mkdirSync(path, { recursive: true });
    const where = ['--server', address.http, '--mqtt', address.mqtt ?? 'off', '--id', id];
    const own = [
      '--labels',
      `arch=${arch}`,
      '--root',
      place.rootOf(id),
      '--state',
      place.stateOf(id),
    ];
    const env = { JAMESC_JOIN_TOKEN: JSON.parse(made).token };
    children.start(id, 'jamesc', ['run', ...where, ...own], env).stdout.resume();
  }
  notePids(children.pids());
}

/** Runs the program that arrived on the first device and shows what it says. */
function runLogger() {
  const [{ id }] = devices;
  const program = join(place.rootOf(id), PROGRAM);
  console.log(`\nThe logger that arrived on ${id} runs (${shown(program)}):`);
  const { status, stdout, error } = spawnSync(program, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${program} does not run: ${error?.message ?? `status ${status}`}`);
  console.log(stdout.trimEnd().replace(/^/gm, '  | '));
}

function sayWhatNext(token, next) {
  const file = shown(next);
  const commands = [
    ['device list', 'what every device has'],
    [`explain ${devices[2].id} logger`, 'why it got this packet and no other'],
    [`diff -f ${file}`, 'what a change would do'],
    [`apply -f ${file}`, 'do it, and look here: every device follows'],
    ['spec rollback logger-spec --to 1', 'and back to the first revision'],
    ['history', 'who changed what'],
  ].map(([command, about]) => `  ${`npx jamesd-ctl ${command}`.padEnd(62)} # ${about}`);
  console.log(`
The page, live:  ${address.http}/#token=${token}

In another terminal, in this directory:

export JAMESD_SERVER=${address.http}
export JAMESD_TOKEN=${token}

${commands.join('\n')}

Logs are in ${shown(place.logs)}/. Process ids: ${children.pids().join(', ')} (the server first).
Ctrl-C stops everything. Devices that move show here:
`);
}

async function main() {
  setUp();
  const { build } = await import('./build.mjs');
  console.log(`Built dist/ in ${await build()} ms.`);
  for (const option of ['http', 'mqtt']) {
    const fault = await portFault(option, options[option]);
    if (fault) throw new Error(fault);
  }
  await claimPlace();
  address = await startServer();
  notePids(children.pids());
  console.log(`Server: ${address.http} and ${address.mqtt}, data in ${shown(place.folder)}/`);
  const token = readFileSync(place.token, 'utf8').trim();
  const ctl = createCtl({ http: address.http, token });
  await uploadPackets(ctl, FIRST);
  await ctl('apply', '-f', writeSpec(FIRST));
  print(`spec    logger-spec {target: {fleet: alpha}, app: logger {version: ${FIRST}}}`);

  console.log('\nThree agents join with the label fleet=alpha and an arch of their own:');
  const { watchFleet } = await import('./start/watch.mjs');
  watch = watchFleet({ http: address.http, token, devices: devices.map(({ id }) => id), print });
  await startAgents(ctl);
  await watch.converged(
    devices.map(({ id }) => id),
    CONVERGE_MS,
  );
  runLogger();

  console.log(`\nA newer logger is uploaded too; no spec asks for it yet:`);
  await uploadPackets(ctl, NEXT);
  sayWhatNext(token, writeSpec(NEXT));
}

let leaving = null;
/** Ends everything once, however often it is asked. */
function leave(status) {
  leaving ??= (async () => {
    await watch?.stop();
    await children.stop();
    leavePlace();
    process.exit(status);
  })();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => leave(0));
try {
  await main();
} catch (error) {
  if (!leaving) console.error(`Error: ${error.message}`);
  leave(1);
}

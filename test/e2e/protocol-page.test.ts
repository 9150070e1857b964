import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PacketView } from '../../proto/api.ts';
import { joinToken, logger, loggerSpec, uploadPacket } from '../support/example.ts';
import { type ServerProcess, startServer, temporaryDirectory } from '../support/fleet.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/protocol.md'), 'utf8');

/** The rows of the page's table of verbs that name a call: the verb and what a shell runs. */
const calls = [...page.matchAll(/^\| `(.+?)`.*? \| .*?`(curl .+?)`(?: \(.*\))? \|$/gm)].map(
  ([, verb, call]) => ({ verb: verb as string, call: call as string }),
);

/** Calls that need something which has to be made first, or that come when all others are done. */
const last = [
  'packet delete',
  'device remove',
  'spec delete',
  'source delete',
  'source secret delete',
  'token delete',
  'rollback GENERATION',
];
const isLast = ({ verb }: { verb: string }): boolean => last.some((name) => verb.startsWith(name));

/** Calls that are right but have nothing to do here, and the code that says so. */
const refusals: Record<string, string> = {
  'device approve-removal DEVICE': 'no-removal-pending',
  'spec lock ID --diff 1 2': 'not-found',
  'spec promote ID': 'nothing-to-promote',
  'spec promote ID --lock 1': 'nothing-to-promote',
};

/** Every call that docs/protocol.md shows is made as it stands there. */
describe('the calls of the protocol page', () => {
  const directory = temporaryDirectory();
  const path = (name: string): string => join(directory.path, name);
  let server: ServerProcess;
  let variables: Record<string, string>;

  const shell = (script: string): string =>
    execFileSync(
      'bash',
      ['-euc', `curl() { command curl -sS --fail-with-body "$@"; }\n${script}`],
      {
        cwd: directory.path,
        encoding: 'utf8',
        env: { ...process.env, ...variables },
      },
    );

  beforeAll(async () => {
    server = await startServer(directory.path);
    const id = await uploadPacket(server, path('logger'), logger('1.0.0', 'armv7l'));
    writeFileSync(path('spec.json'), JSON.stringify(loggerSpec('1.0.0')));
    const tools = { id: 'tools', type: 'yum', rawUrl: 'file:///srv/tools/', target: {} };
    writeFileSync(path('source.json'), JSON.stringify({ ...tools, metadata: false }));
    variables = {
      S: server.http,
      A: `Authorization: Bearer ${server.token}`,
      J: 'Content-Type: application/json',
      ID: id,
      JAMESD_SERVER: server.http,
      JOIN_TOKEN: await joinToken(server),
    };
  });

  afterAll(async () => {
    await server.stop();
    directory.remove();
  });

  it('a device enrols by the call that is shown', () => {
    const call = /^curl -s -X POST "\$JAMESD_SERVER\/v1\/enrol".*\n.*$/m.exec(page)?.[0] ?? '';
    expect(JSON.parse(shell(call))).toMatchObject({ device: 'buoy-17' });
  });

  it('the page has a call for most verbs', () => expect(calls.length).toBeGreaterThan(20));

  it.each(calls.filter((one) => !isLast(one)))('$verb', ({ verb, call }) => {
    const refusal = refusals[verb];
    const allowed = refusal ? `${concrete(call)} || true` : concrete(call);
    expect(shell(allowed)).toContain(refusal ?? '');
  });

  it.each(calls.filter(isLast))('$verb', async ({ verb, call }) => {
    if (verb.startsWith('token delete')) {
      const made = await server.ctlJson<{ id: string }>(['token', 'create', '--join']);
      variables.ID = made.id;
    }
    if (verb.startsWith('packet delete')) {
      variables.ID = await uploadPacket(server, path('other'), logger('9.9.9', 'armv7l'));
    }
    expect(() => shell(concrete(call))).not.toThrow();
  });

  it('what was uploaded is what the calls have shown', async () => {
    const { body } = await server.api<{ items: PacketView[] }>('GET', '/v1/packets?name=logger');
    expect(body.items.map(({ labels }) => labels.version)).toEqual(['1.0.0']);
  });
});

/** Fills in what the page leaves open. */
function concrete(call: string): string {
  return call
    .replace('"documents": […]', `"documents": [${JSON.stringify(loggerSpec('1.0.0'))}]`)
    .replace('generations/17/', 'generations/1/')
    .replaceAll('\\|', '|');
}

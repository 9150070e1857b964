import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplyResult, RevisionView, SourceView } from '../../proto/document-views.ts';
import { type RealServer, startRealServer } from './real-server.ts';

const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n';
const source = (suite: string): string => `kind: Source
id: tools
type: yum
url: https://me:hush@tools.invalid/
suite: ${suite}
target: {site: berlin}
metadata: false
signedBy: keys/tools.asc
`;

/** The verbs of sources against a whole server. */
describe('source', () => {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-ctl-'));
  const file = join(directory, 'tools.yaml');
  let server: RealServer;

  beforeAll(async () => {
    server = await startRealServer(directory);
    mkdirSync(join(directory, 'keys'));
    writeFileSync(join(directory, 'keys', 'tools.asc'), KEY);
    writeFileSync(file, source('8'));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('apply creates, then says that nothing differs', async () => {
    const dry = await server.json<ApplyResult>(['source', 'apply', file, '--dry-run']);
    expect(dry).toMatchObject({ generation: null, results: [{ change: 'created' }] });
    const made = await server.json<ApplyResult>(['source', 'apply', '-f', file, '-m', 'first']);
    expect(made).toMatchObject({
      generation: 1,
      results: [{ kind: 'Source', id: 'tools', after: { signedBy: KEY, auth: 'source.tools' } }],
    });
    const again = await server.json<ApplyResult>(['apply', '-f', file]);
    expect(again.results).toMatchObject([{ change: 'unchanged' }]);
    expect(JSON.stringify([dry, made, again])).not.toContain('hush');
  });

  it('get prints what can be applied again; list names it', async () => {
    const { stdout } = await server.ctl(['source', 'get', 'tools']);
    expect(stdout).toContain('url: https://tools.invalid/\n');
    const again = await server.json<ApplyResult>(['source', 'apply', '-'], { stdin: stdout });
    expect(again.results).toMatchObject([{ change: 'unchanged' }]);
    const yaml = await server.ctl(['source', 'list', '-o', 'yaml']);
    const whole = await server.json<ApplyResult>(['apply', '-f', '-'], { stdin: yaml.stdout });
    expect(whole.results).toMatchObject([{ kind: 'Source', change: 'unchanged' }]);
    expect((await server.ctl(['source', 'list', '-o', 'name'])).stdout).toBe('tools\n');
    expect((await server.ctl(['source', 'list'])).stdout).toContain('https://tools.invalid/ 8');
  });

  it('diff, history and rollback follow its revisions', async () => {
    writeFileSync(file, source('9'));
    const differs = await server.ctl(['diff', '-f', file]);
    expect(differs.status).toBe(3);
    expect(differs.stdout).toContain('--- source/tools\n');
    expect(differs.stdout).toContain('-suite: "8"\n+suite: "9"\n');
    await server.json(['source', 'apply', file]);
    const diff = await server.ctl(['source', 'diff', 'tools']);
    expect([diff.status, diff.stdout]).toEqual([3, expect.stringContaining('+suite: "9"\n')]);
    const revisions = await server.json<RevisionView[]>(['source', 'history', 'tools']);
    expect(revisions.map(({ revision }) => revision)).toEqual([2, 1]);
    const back = await server.json<SourceView>(['source', 'rollback', 'tools', '--to', '1']);
    expect(back).toMatchObject({ revision: 3, suite: '8' });
  });

  it('secrets are set from stdin or a question, listed by name, and deleted', async () => {
    const set = ['source', 'secret', 'set', 'mirror', '--user', 'me'];
    expect(await server.ctl(set, { stdin: 'hush\n' })).toMatchObject({
      status: 0,
      stdout: 'mirror\n',
    });
    expect((await server.ctl(set, { secret: 'hush' })).status).toBe(0);
    expect((await server.ctl(set, { stdin: '' })).status).toBe(2);
    const names = await server.ctl(['source', 'secret', 'list', '-o', 'name']);
    expect(names.stdout).toBe('mirror\nsource.tools\n');
    const shown = await server.ctl(['source', 'secret', 'list', '-o', 'json']);
    expect(shown.stdout).not.toContain('hush');
    expect((await server.ctl(['source', 'secret', 'delete', 'mirror'])).status).toBe(0);
    const gone = await server.ctl(['source', 'secret', 'delete', 'mirror']);
    expect([gone.status, gone.stderr]).toEqual([1, expect.stringContaining('(not-found)')]);
  });

  it('delete can be taken back', async () => {
    expect((await server.ctl(['source', 'delete', 'tools'])).stdout).toBe('tools\n');
    expect(await server.json(['source', 'list'])).toEqual([]);
    const generation = await server.json<ApplyResult>(['rollback', '1']);
    expect(generation.results).toMatchObject([{ kind: 'Source', id: 'tools', change: 'created' }]);
  });
});

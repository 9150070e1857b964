import { expect, it } from 'vitest';
import type { Labels } from '../../../proto/labels.ts';
import type { Source } from '../../../proto/source.ts';
import { sourceRenderRoutes } from '../../../server/http/routes/source-render.ts';
import { kindsByType } from '../../../server/sources/kinds.ts';
import { asDevice, asOperator, testApp } from '../../support/test-app.ts';

const source: Source & { revision: number } = {
  ...{ id: 'debian', revision: 1, type: 'apt', url: 'http://u:secret@deb.example.org/debian' },
  ...{ suite: 'bookworm', components: ['main'], target: {} },
};
const verdict = (type: 'deb' | 'rpm', archs: string[]) => ({
  ...{ applies: true, type, archs, archMissing: false, native: 'amd64', unmet: [] },
});

function render(body: object, headers: Record<string, string> = asOperator) {
  const devices: Record<string, Labels> = { d: { os: 'debian', arch: 'amd64', site: 'berlin' } };
  const app = testApp([
    sourceRenderRoutes({
      kinds: kindsByType(),
      labelsOf: (id) => devices[id],
      appliedTo: ({ arch }) =>
        arch === 'amd64' ? [{ source, verdict: verdict('deb', ['amd64']) }] : [],
    }),
  ]);
  return app.inject({ method: 'POST', url: '/v1/sources/render', headers, payload: body });
}

it('a device’s configuration is rendered as its package manager reads it, without credentials', async () => {
  const answer = await render({ device: 'd' });
  expect(answer.json()).toMatchObject({
    manager: 'apt',
    sources: ['debian'],
    text: null,
    files: [{ path: '/etc/apt/sources.list.d/jamesd-debian.sources', mode: 0o644 }],
  });
  expect(answer.json().files[0].content).toContain('URIs: http://deb.example.org/debian/\n');
  expect(answer.body).not.toContain('secret');
  const old = await render({ labels: { arch: 'amd64' }, form: 'one-line' });
  expect(old.json().files[0].content).toContain('deb [arch=amd64] http://deb.example.org/debian/');
});

it('a template is rendered in place of it', async () => {
  const template = '{{ labels.site }}: {{ sources[0].url }}';
  const answer = await render({ device: 'd', template });
  expect(answer.json()).toMatchObject({
    files: [],
    text: 'berlin: http://deb.example.org/debian/',
  });
});

it('no source is no file', async () => {
  const none = { labels: { arch: 'riscv64', packages: 'zypper' } };
  expect((await render(none)).json()).toMatchObject({ manager: 'zypper', sources: [], files: [] });
});

it.each([
  [{}, 400, 'bad-request'],
  [{ device: 'd', labels: {} }, 400, 'bad-request'],
  [{ device: 'nobody' }, 404, 'not-found'],
  [{ labels: { a: 'x\u0001' } }, 400, 'bad-request'],
  [{ device: 'd', template: '\n{{ x }}' }, 400, 'bad-document'],
  [{ device: 'd', other: 1 }, 400, 'unknown-key'],
])('%j is refused', async (body, status, code) => {
  const answer = await render(body);
  expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
});

it('the place of a template’s fault is told', async () => {
  expect((await render({ device: 'd', template: '\n {{ x }}' })).json()).toMatchObject({ line: 2 });
});

it('devices may not ask', async () => {
  expect((await render({ device: 'd' }, asDevice('d'))).statusCode).toBe(403);
});

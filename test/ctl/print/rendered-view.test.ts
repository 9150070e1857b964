import { expect, it } from 'vitest';
import { renderedView } from '../../../ctl/print/rendered-view.ts';
import type { RenderedSources } from '../../../proto/source-render.ts';

const rendered: RenderedSources = {
  manager: 'apt',
  sources: ['a'],
  files: [
    { path: '/etc/apt/keyrings/a.asc', content: 'key\n', mode: 0o644 },
    { path: '/etc/apt/sources.list.d/a.sources', content: 'Types: deb\n\nX: y\n', mode: 0o644 },
  ],
  text: null,
};
const shown = (view: ReturnType<typeof renderedView>): string[] =>
  ('lines' in view ? view.lines : []).map((line) => (typeof line === 'string' ? line : 'heading'));

it('shows files under their paths, keys last', () => {
  const lines = ['heading', 'Types: deb', '', 'X: y', '', 'heading', 'key'];
  expect(shown(renderedView(rendered, false))).toEqual(lines);
});

it('shows one file, or what a template made, as it is', () => {
  const [, file] = rendered.files;
  const one = { ...rendered, files: file ? [file] : [] };
  expect(shown(renderedView(one, true))).toEqual(['Types: deb', '', 'X: y']);
  expect(shown(renderedView({ ...rendered, text: 'a\nb\n' }, false))).toEqual(['a', 'b']);
});

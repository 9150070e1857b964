import { readFile } from 'node:fs/promises';
import { JamesError } from '../../proto/errors.ts';
import type { RenderedSources, SourceRenderRequest } from '../../proto/source-render.ts';
import { type Context, defineCommand } from '../command.ts';
import { flag, labels, text } from '../option.ts';
import { filePath } from '../packet-reference.ts';
import { renderedView } from '../print/rendered-view.ts';

export const sourceRender = defineCommand({
  name: 'source render',
  summary: 'show the package manager’s configuration that a device’s sources make',
  details:
    'Without credentials. A template is written in liquid over "labels" and "sources"; docs/sources.md has examples. With --path or --template stdout is the file and nothing else.',
  arguments: {},
  options: {
    device: text('-d, --device <device>', 'the device', 'device'),
    labels: labels('-l, --labels <k=v,…>', 'labels of a device, real or not'),
    template: text('-t, --template <file>', 'a template in place of the built-in form', 'file'),
    path: text('-p, --path <path>', 'only the file that goes to this path'),
    oneLine: flag('--one-line', 'the form of sources.list, for an apt older than 1.1'),
  },
  examples: [
    'jamesd-ctl source render --device buoy-17',
    'jamesd-ctl source render --device buoy-17 --template sources.liquid > sources.list',
    'jamesd-ctl source render -l os=debian,arch=amd64,site=berlin -o json',
  ],
  async run({ device, labels, template, path, oneLine }, context) {
    if ((device === undefined) === (labels === undefined))
      throw new JamesError('usage', 'Give --device or --labels, one of them.');
    const request: SourceRenderRequest = {
      ...(device !== undefined && { device }),
      ...(labels !== undefined && { labels }),
      ...(template !== undefined && { template: await templateText(template, context) }),
      ...(oneLine && { form: 'one-line' }),
    };
    const { http } = await context.client();
    const rendered = await http.json<RenderedSources>({
      ...{ method: 'POST', path: '/v1/sources/render', json: request },
    });
    const shown = path === undefined ? rendered : only(rendered, path);
    const notes = rendered.sources.length === 0 ? ['No source applies.'] : [];
    const names = shown.files.map((file) => file.path);
    return { data: shown, view: renderedView(shown, path !== undefined), names, notes };
  },
});

async function templateText(file: string, context: Context): Promise<string> {
  return readFile(await filePath(file, context), 'utf8');
}

function only(rendered: RenderedSources, path: string): RenderedSources {
  const files = rendered.files.filter((file) => file.path === path);
  if (files.length > 0) return { ...rendered, files };
  const paths = rendered.files.map((file) => file.path).join(', ') || 'none';
  throw new JamesError('not-found', `There is no file for ${path}; there are: ${paths}.`);
}

import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { JamesError } from '../../proto/errors.ts';
import { isPacketName } from '../../proto/ids.ts';
import { defineCommand } from '../command.ts';
import { skeletonFiles } from '../core/packet-skeleton.ts';
import { labels, may, needed, text, usage } from '../option.ts';
import { lines } from '../print/view.ts';

export const packetInit = defineCommand({
  name: 'packet init',
  summary: 'make a directory from which a packet can be built',
  details:
    'The directory must be empty or not there yet. It gets a control.yaml with comments, scripts that do nothing yet, and data/ for the files as they belong under the root of a device.',
  arguments: { directory: may('dir', 'where; the present directory if left out', 'directory') },
  options: {
    name: needed(text('-n, --name <name>', 'the name of the packet')),
    labels: labels('-l, --labels <k=v,…>', 'its labels'),
  },
  examples: ['jamesd-ctl packet init logger -n logger -l version=1.0.0,arch=armv7l'],
  async run({ directory = '.', name, labels = {} }, context) {
    if (!isPacketName(name))
      throw usage(
        `${JSON.stringify(name)} is no name for a packet: use 1 to 128 letters, digits, ".", "+", "_" or "-", starting with a letter or digit.`,
      );
    const target = resolve(context.cwd, directory);
    await requireEmpty(target, directory);
    await mkdir(join(target, 'scripts'), { recursive: true });
    await mkdir(join(target, 'data'));
    for (const { path, text: content, executable } of skeletonFiles(name, labels)) {
      await writeFile(join(target, path), content, { flag: 'wx' });
      if (executable) await chmod(join(target, path), 0o755);
    }
    return {
      data: { directory: target, name, labels },
      view: lines(directory),
      notes: [
        `Put the files into ${join(directory, 'data')}, then: jamesd-ctl packet build ${directory}`,
      ],
    };
  },
});

async function requireEmpty(directory: string, shown: string): Promise<void> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new JamesError('bad-request', `${shown} cannot be read: ${cause.message}.`, { cause });
  });
  if (names.length > 0)
    throw new JamesError(
      'already-exists',
      `${shown} is not empty; name a new or an empty directory.`,
    );
}

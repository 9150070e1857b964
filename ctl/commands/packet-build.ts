import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { buildPacket } from '../../proto/archive/build-packet.ts';
import { parseControl } from '../../proto/control-file.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Control } from '../../proto/packet.ts';
import { defineCommand } from '../command.ts';
import { formatBytes } from '../core/duration.ts';
import { packetFileName } from '../core/packet-file-name.ts';
import { flag, may, text, usage } from '../option.ts';
import { packetTitle } from '../print/packet-view.ts';
import { lines } from '../print/view.ts';

export const packetBuild = defineCommand({
  name: 'packet build',
  summary: 'build a packet file from a directory; prints its path',
  details:
    'The same directory gives the same bytes, and so the same id, on every machine. SOURCE_DATE_EPOCH (seconds since 1970) is the latest time that a file in it can have.',
  arguments: {
    directory: may(
      'dir',
      'with control.yaml, scripts/ and data/; the present one if left out',
      'directory',
    ),
  },
  options: {
    file: text(
      '-f, --file <file>',
      'where to; NAME_VERSION_ARCH.jpk in the present directory if left out',
      'file',
    ),
    keepOwner: flag('--keep-owner', 'keep the numeric owners; otherwise everything belongs to 0:0'),
  },
  examples: [
    'jamesd-ctl packet build logger',
    'jamesd-ctl packet build logger -f out/logger.jpk --keep-owner',
  ],
  async run({ directory = '.', file, keepOwner }, context) {
    const source = resolve(context.cwd, directory);
    const control = await readControl(source, directory);
    const path = file ?? packetFileName(control.name, control.labels ?? {});
    const epoch = sourceDateEpoch(context.env.SOURCE_DATE_EPOCH);
    const target = resolve(context.cwd, path);
    const built = await buildPacket(source, target, { keepOwner, ...epoch }).catch(
      (cause: unknown) => {
        throw cannotWrite(cause, dirname(path));
      },
    );
    const { id, size, files } = built;
    return {
      data: { path, id, size, control: built.control },
      view: lines(path),
      names: [path],
      notes: [
        `${packetTitle({ name: control.name, labels: control.labels ?? {} })}: ${files} files, ${formatBytes(size)}, ${id}`,
      ],
    };
  },
});

async function readControl(source: string, shown: string): Promise<Control> {
  const file = join(source, 'control.yaml');
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new JamesError(
      'bad-packet',
      `${shown} has no control.yaml; make one with: jamesd-ctl packet init ${shown} -n NAME`,
      { cause },
    );
  });
  return parseControl(content, join(shown, 'control.yaml'));
}

/** reproducible-builds.org/specs/source-date-epoch: a decimal integer. */
function sourceDateEpoch(text: string | undefined): { sourceDateEpoch?: number } {
  if (!text) return {};
  if (!/^[0-9]{1,15}$/.test(text))
    throw usage(`SOURCE_DATE_EPOCH is ${JSON.stringify(text)}; it must be seconds since 1970.`);
  return { sourceDateEpoch: Number(text) };
}

function cannotWrite(cause: unknown, directory: string): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'ENOENT') return cause;
  return new JamesError('not-found', `There is no directory ${directory} to put the packet into.`, {
    cause,
  });
}

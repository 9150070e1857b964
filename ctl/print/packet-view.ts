import type { PacketRef, PacketView } from '../../proto/api.ts';
import { formatLabels, type Labels } from '../../proto/labels.ts';
import { type PackageLine, packageWish } from '../../proto/package-line.ts';
import type { Control, Prerequisite } from '../../proto/packet.ts';
import { comparePacketVersions } from '../../proto/version.ts';
import { formatBytes } from '../core/duration.ts';
import { dim, type Span, strong, type Text } from './text.ts';
import { ageOf, shortTime } from './time.ts';
import { fields, type Table, table, type View } from './view.ts';

/** An id short enough for a table; `packetOf` takes it too. */
export const shortId = (id: string): string => id.slice(0, 'sha256:'.length + 12);

/** Labels as text; `-` for none. */
export function labelsText(labels: Labels): string {
  return formatLabels(labels) || '-';
}

/** `logger 1.0.0 (arch=armv7l)`: a packet in a sentence. */
export function packetTitle({ name, labels }: Pick<PacketRef, 'name' | 'labels'>): string {
  const { version, ...others } = labels;
  const rest = formatLabels(others);
  return [name, version, rest && `(${rest})`].filter(Boolean).join(' ');
}

/** By name, then the higher version first, then the other labels. */
export function byNameAndVersion(a: PacketRef, b: PacketRef): number {
  return (
    compare(a.name, b.name) ||
    comparePacketVersions(b.labels.version ?? '', a.labels.version ?? '') ||
    compare(formatLabels(a.labels), formatLabels(b.labels))
  );
}

/** Rows of packets. `now` in ms since 1970. */
export function packetTable(packets: readonly PacketView[], now: number): Table {
  return table(
    [
      { title: 'NAME' },
      { title: 'VERSION' },
      { title: 'ARCH' },
      { title: 'LABELS' },
      { title: 'SIZE', align: 'right' },
      { title: 'AGE', align: 'right' },
      { title: 'ID', keep: true },
      { title: 'NEEDS', wide: true },
      { title: 'DESCRIPTION', wide: true },
    ],
    packets.map((packet) => {
      const { version = '-', arch = '-', ...others } = packet.labels;
      return [
        strong(packet.name),
        version,
        arch,
        labelsText(others),
        formatBytes(packet.size),
        ageOf(packet.uploadedAt, now),
        dim(shortId(packet.id)),
        (packet.depends ?? []).map(prerequisiteText).join(', ') || '-',
        packet.description ?? '-',
      ];
    }),
    'There are no packets. Make one with packet init and packet build, and upload it.',
  );
}

/** What a packet file or a packet of the server holds. */
export interface PacketDetails {
  id: string;
  size: number;
  control: Control;
  /** Of a packet of the server. */
  uploadedAt?: string;
  scripts?: readonly { name: string; text: string }[];
  files?: readonly PacketFile[];
  installedBytes?: number;
}

export interface PacketFile {
  path: string;
  type: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  linkTarget: string | null;
}

/** A packet in full: control, scripts, files. */
export function packetDetailsView(packet: PacketDetails): View {
  const { control } = packet;
  const head = fields([
    ['name', strong(control.name)],
    ['labels', labelsText(control.labels ?? {})],
    ['id', packet.id],
    ['size', sizes(packet)],
    ...optional('uploaded', packet.uploadedAt && shortTime(packet.uploadedAt)),
    ...optional('description', control.description),
    ...optional('depends', control.depends?.map(prerequisiteText).join('\n')),
    ...optional('packages', control.packages?.map(packageLineText).join('\n')),
    ...optional('config', control.config?.join('\n')),
    ...optional('driver', control.driver),
    ...optional('reboot', control.reboot),
    ...optional('health', control.health && timesText(control.health)),
    ...optional('script time', control.scripts?.timeout),
  ]);
  return [
    head,
    ...scriptViews(packet.scripts ?? []),
    ...(packet.files ? [fileTable(packet.files)] : []),
  ];
}

/** `timeout 30s, retries 3` */
function timesText(times: object): string {
  return Object.entries(times)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}

export function prerequisiteText({ name, labels, version }: Prerequisite): string {
  return [name, version, labels && `(${formatLabels(labels)})`].filter(Boolean).join(' ');
}

/** A line that names a package: its name, then what else it says. */
export function packageLineText(line: PackageLine): string {
  const { name, version, type, arch, verify, recommended } = packageWish(line);
  const more = [
    type,
    arch,
    verify === false && 'not verified',
    recommended && 'with what it recommends',
    recommended === false && 'without what it recommends',
  ].filter(Boolean);
  return [name, version, more.length > 0 && `(${more.join(', ')})`].filter(Boolean).join(' ');
}

/** The control part of a packet that the server describes. */
export function controlOf(packet: PacketView): Control {
  const { id: _id, seq: _seq, size: _size, uploadedAt: _at, url: _url, ...control } = packet;
  return control;
}

function sizes({ size, installedBytes }: PacketDetails): string {
  const packed = size < 1024 ? formatBytes(size) : `${formatBytes(size)} (${size} bytes)`;
  return installedBytes === undefined
    ? packed
    : `${packed}, ${formatBytes(installedBytes)} installed`;
}

function scriptViews(scripts: readonly { name: string; text: string }[]): View[] {
  return scripts.map(({ name, text }) => ({
    kind: 'lines',
    lines: [
      strong(`script ${name}`),
      ...text
        .trimEnd()
        .split('\n')
        .map((line): Text => `  ${line}`),
    ],
  }));
}

function fileTable(files: readonly PacketFile[]): Table {
  return table(
    [{ title: 'MODE' }, { title: 'OWNER' }, { title: 'SIZE', align: 'right' }, { title: 'PATH' }],
    files.map(({ path, type, mode, uid, gid, size, linkTarget }) => [
      `${typeLetter(type)}${modeText(mode)}`,
      `${uid}:${gid}`,
      type === 'file' ? formatBytes(size) : '-',
      linkTarget === null ? path : [path, dim(type === 'hardlink' ? ' = ' : ' -> '), linkTarget],
    ]),
    'The packet brings no files.',
  );
}

function typeLetter(type: string): string {
  if (type === 'directory') return 'd';
  return type === 'symlink' ? 'l' : '-';
}

/** `rwxr-sr-x`, as ls writes it. */
export function modeText(mode: number): string {
  const letters = [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index) ? letter : '-'));
  const special: [number, number, string][] = [
    [0o4000, 2, 's'],
    [0o2000, 5, 's'],
    [0o1000, 8, 't'],
  ];
  for (const [bit, at, letter] of special)
    if (mode & bit) letters[at] = letters[at] === '-' ? letter.toUpperCase() : letter;
  return letters.join('');
}

function optional(name: string, value: string | undefined | false): [string, string | Span][] {
  return value ? [[name, value]] : [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

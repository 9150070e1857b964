import { JamesError } from '../../../proto/errors.ts';
import { childrenOf, childText, readXml, type XmlElement } from './read-xml.ts';

/** A file of a repository, as repomd.xml names it. */
export interface RepomdFile {
  /** `primary`, `filelists`, `group`, `updateinfo`, … */
  type: string;
  /** Relative to the repository, or absolute where it lies in another. */
  location: string;
  /** Of the file as it is fetched. A digest that is neither SHA-256 nor SHA-512 is not to be trusted and left out. */
  sha256: string | null;
  sha512: string | null;
  size: number | null;
  /** Bytes after decompression. */
  openSize: number | null;
}

export interface Repomd {
  files: RepomdFile[];
  /** Of the newest file, in ms since 1970; null if none says. */
  date: number | null;
}

/** Reads a repomd.xml. Throws `bad-index` where it is not well-formed, is no repomd.xml, or a file has no location. */
export function parseRepomd(text: string): Repomd {
  const root = readXml(text, 'repomd.xml');
  if (root.name !== 'repomd')
    throw new JamesError('bad-index', `repomd.xml holds ${root.name}, not repomd.`);
  const data = childrenOf(root, 'data');
  const times = data.map((one) => Number(childText(one, 'timestamp'))).filter((time) => time > 0);
  return {
    files: data.map(fileOf),
    date: times.length === 0 ? null : Math.round(Math.max(...times) * 1000),
  };
}

function fileOf(data: XmlElement): RepomdFile {
  const type = data.attributes.type ?? '';
  const [location] = childrenOf(data, 'location');
  const href = location?.attributes.href ?? '';
  if (type === '' || href === '')
    throw new JamesError('bad-index', `repomd.xml names no location of "${type}".`);
  const base = location?.attributes['xml:base'];
  return {
    type,
    location: base === undefined ? href : `${base.replace(/\/$/, '')}/${href}`,
    ...digestsOf(data),
    size: numberOf(childText(data, 'size')),
    openSize: numberOf(childText(data, 'open-size')),
  };
}

function digestsOf(data: XmlElement): { sha256: string | null; sha512: string | null } {
  const digest = (type: string): string | null => {
    const found = childrenOf(data, 'checksum').find((one) => one.attributes.type === type);
    return found === undefined ? null : found.text.trim().toLowerCase();
  };
  return { sha256: digest('sha256'), sha512: digest('sha512') };
}

function numberOf(text: string): number | null {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

/** The first file of a type; null if the repository has none. */
export function repomdFile(repomd: Repomd, type: string): RepomdFile | null {
  return repomd.files.find((file) => file.type === type) ?? null;
}

import type { PackageRecord, RelationKind } from '../../server/resolver/core/universe.ts';

const elements: Partial<Record<RelationKind, string>> = {
  provides: 'provides',
  depends: 'requires',
  conflicts: 'conflicts',
  obsoletes: 'obsoletes',
  recommends: 'recommends',
  suggests: 'suggests',
  supplements: 'supplements',
  enhances: 'enhances',
};
const flags: Readonly<Record<string, string>> = {
  '<': 'LT',
  '<=': 'LE',
  '=': 'EQ',
  '>=': 'GE',
  '>': 'GT',
};

/** The text of a primary.xml with these packages. */
export function primaryXml(records: readonly PackageRecord[]): string {
  const packages = records.map(
    (record) =>
      `<package type="rpm"><name>${record.name}</name><arch>${record.arch}</arch>` +
      `<version ${versionAttributes(record.version)}/><format>${relationElements(record)}` +
      `${(record.files ?? []).map((path) => `<file>${path}</file>`).join('')}</format></package>\n`,
  );
  const names = `xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<metadata ${names} packages="${records.length}">\n${packages.join('')}</metadata>\n`;
}

function relationElements({ relations }: PackageRecord): string {
  return Object.entries(elements)
    .map(([kind, element]) => {
      const text = relations[kind as RelationKind] ?? '';
      if (text === '') return '';
      const entries = text.split('\n').map(entry).join('');
      return `<rpm:${element}>${entries}</rpm:${element}>`;
    })
    .join('');
}

function entry(line: string): string {
  const [name = '', sign = '', version = ''] = line.startsWith('(') ? [line] : line.split(' ');
  const range = version === '' ? '' : ` flags="${flags[sign]}" ${versionAttributes(version)}`;
  return `<rpm:entry name="${escaped(name)}"${range}/>`;
}

function versionAttributes(evr: string): string {
  const [, epoch = '0', version = '', release] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(evr) ?? [];
  return `epoch="${epoch}" ver="${version}"${release === undefined ? '' : ` rel="${release}"`}`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

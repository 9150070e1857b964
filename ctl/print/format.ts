import { stringify } from 'yaml';

export const outputFormats = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** JSON for people and programs: two spaces of indentation, a line feed at the end. */
export function jsonText(data: unknown): string {
  return `${JSON.stringify(data ?? null, null, 2)}\n`;
}

/** YAML 1.2 with a line feed at the end; texts that look like numbers are quoted, nothing is folded. */
export function yamlText(data: unknown): string {
  return stringify(data ?? null, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Documents of one YAML stream, parted by `---`. */
export function yamlDocuments(documents: readonly unknown[]): string {
  return documents.map(yamlText).join('---\n');
}

import type { PackagesView } from '../packages/look-at-packages.ts';
import type { OutputFormat } from './output-format.ts';

/** What the package manager's driver thinks, as lines for people or as one JSON object. */
export function showPackages(view: PackagesView, format: OutputFormat): string {
  if (format === 'json') return `${JSON.stringify(view, null, 2)}\n`;
  const packages = view.packages.map(
    ({ name, version, arch, auto, managed }) =>
      `  ${name} ${version} ${arch}${auto ? ', a prerequisite' : ''}${managed ? ', by jamesd' : ''}`,
  );
  const wrong = view.wrong.map(
    ({ name, status, error }) => `  ${name} ${status}${error === null ? '' : `: ${error}`}`,
  );
  return [
    `manager    ${view.manager}`,
    `lock       ${view.lock ?? 'none'}`,
    `installed  ${view.installed}, of which ${view.packages.length} concern jamesd`,
    ...(packages.length === 0 ? [] : ['packages', ...packages]),
    ...(wrong.length === 0 ? [] : ['wrong', ...wrong]),
    '',
  ].join('\n');
}

import type { RenderedSources } from '../../proto/source-render.ts';
import { strong, type Text } from './text.ts';
import { lines, type View } from './view.ts';

/** The files one after the other, each under its path, keys last; `bare` leaves the path out. */
export function renderedView({ files, text }: RenderedSources, bare: boolean): View {
  if (text !== null) return lines(...linesOf(text));
  return lines(
    ...keysLast(files).flatMap(({ path, mode, content }, index): Text[] => {
      const heading = strong(`# ${path} (${mode.toString(8).padStart(4, '0')})`);
      const body = linesOf(content);
      return bare ? body : [...(index > 0 ? [''] : []), heading, ...body];
    }),
  );
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

function keysLast(files: RenderedSources['files']): RenderedSources['files'] {
  const isKey = ({ path }: { path: string }): boolean => path.endsWith('.asc');
  return [...files.filter((file) => !isKey(file)), ...files.filter(isKey)];
}

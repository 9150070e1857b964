import type { Result } from '../result.ts';
import type { Output, Surroundings } from '../surroundings.ts';
import { jsonText, type OutputFormat, yamlDocuments, yamlText } from './format.ts';
import { emptyNotes, layOut } from './layout.ts';
import { paint, type Text } from './text.ts';
import { oneLine, truncate } from './width.ts';

/** Writes results: data to stdout, all else to stderr. */
export interface Printer {
  print(result: Result): void;
  emit(data: unknown, text: Text): void;
  note(sentence: string): void;
  warn(sentence: string): void;
  progress(text: string | null): void;
}

/** `colour` is for stdout. Tables are cut to the terminal's width (or COLUMNS); without either nothing is cut. */
export function createPrinter(
  format: OutputFormat,
  { stdout, stderr, env }: Pick<Surroundings, 'stdout' | 'stderr' | 'env'>,
  colour: boolean,
): Printer {
  const { show, clear } = createStatusLine(stderr);
  const warn = (sentence: string): void => {
    clear();
    stderr.write(`${paint(sentence, false)}\n`);
  };
  const note = (sentence: string): void => {
    if (stderr.isTTY) warn(sentence);
  };
  const page = {
    width: stdout.columns ?? (Number(env.COLUMNS) || Number.POSITIVE_INFINITY),
    colour,
    wide: format === 'wide',
  };

  return {
    warn,
    note,
    print(result) {
      clear();
      stdout.write(textOf(result, format, page));
      if (format === 'table' || format === 'wide')
        for (const text of emptyNotes(result.view)) note(text);
      for (const text of result.notes ?? []) note(text);
    },
    emit(data, text) {
      clear();
      if (format === 'json') stdout.write(`${JSON.stringify(data)}\n`);
      else if (format === 'yaml') stdout.write(`---\n${yamlText(data)}`);
      else stdout.write(`${paint(oneLine(text), colour)}\n`);
    },
    progress: (text) => (text === null ? clear() : show(text)),
  };
}

/** A line at the end of a terminal that is written over; nothing where there is no terminal. */
function createStatusLine(output: Output): { show(text: string): void; clear(): void } {
  let showing = false;
  const clear = (): void => {
    if (showing) output.write('\r\u001b[K');
    showing = false;
  };
  return {
    clear,
    show(text) {
      if (!output.isTTY) return;
      clear();
      showing = true;
      output.write(paint(truncate(text, Math.max((output.columns ?? 80) - 1, 10)), false));
    },
  };
}

function textOf(result: Result, format: OutputFormat, page: Parameters<typeof layOut>[1]): string {
  if (format === 'json') return result.data === undefined ? '' : jsonText(result.data);
  if (format === 'yaml') {
    if (result.documents) return yamlDocuments(result.documents);
    return result.data === undefined ? '' : yamlText(result.data);
  }
  const lines = format === 'name' && result.names ? result.names : layOut(result.view, page);
  return lines.map((line) => `${line}\n`).join('');
}

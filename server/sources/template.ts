import { Liquid, type Template, type Variable } from 'liquidjs';
import { JamesError } from '../../proto/errors.ts';
import type { Labels } from '../../proto/labels.ts';
import type { TemplateSource } from './core/template-source.ts';

/** A source with the paths of its keys on the device. */
export type SourceInTemplate = TemplateSource & { keys: readonly string[] };

/** What a template can say. `source` is the source that names the template; null for a template of nobody. */
export interface TemplateScope {
  labels: Labels;
  sources: readonly SourceInTemplate[];
  source: SourceInTemplate | null;
}

/** A liquid template of an operator. */
export interface SourceTemplate {
  /** The keys of labels that it mentions, sorted: nothing else of a device's labels can make a difference. */
  readonly labels: readonly string[];
  /** The text. Throws `bad-document` where it does not come to an end within the limits. */
  render(scope: TemplateScope): string;
}

const MAX_TEMPLATE = 65_536;
const MAX_OUTPUT = 1_000_000;
/** Tags, outputs and pieces of text in one rendering. */
const MAX_STEPS = 50_000;
/** A second line of defence, in ms, against what is slow in one step. */
const MAX_MS = 500;
/** What a rendering may build up, in characters and entries. */
const MAX_MEMORY = 10_000_000;
/** Other files, and what differs from one rendering to the next. */
const NO_TAGS = ['include', 'render', 'layout', 'block'];
const NO_FILTERS = [
  ...['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string'],
  ...['sample', 'shuffle'],
];
const NAMES = ['labels', 'sources', 'source'];

const engine = createEngine();

/**
 * Reads a template. It sees `labels`, `sources` and `source` and nothing else: no files, no clock. Labels can be read by
 * name only (`labels.site`, `labels["group.web"]`). Throws `bad-document` with line and column.
 */
export function parseSourceTemplate(text: string): SourceTemplate {
  if (text.length > MAX_TEMPLATE)
    throw new JamesError('too-large', `A template may have ${MAX_TEMPLATE} characters.`);
  const parsed = guarded(() => engine.parse(text));
  return { labels: mentionedLabels(parsed), render: (scope) => render(parsed, scope) };
}

function createEngine(): Liquid {
  const liquid = new Liquid({
    strictFilters: true,
    ownPropertyOnly: true,
    templates: {},
    dynamicPartials: false,
    trimTagRight: false,
    parseLimit: MAX_TEMPLATE,
  });
  for (const name of NO_TAGS) delete liquid.tags[name];
  for (const name of NO_FILTERS) delete liquid.filters[name];
  return liquid;
}

function render(parsed: Template[], scope: TemplateScope): string {
  const limits = { templateLimit: MAX_STEPS, renderLimit: MAX_MS, memoryLimit: MAX_MEMORY };
  const text = String(guarded(() => engine.renderSync(parsed, { ...scope }, limits)));
  if (text.length > MAX_OUTPUT)
    throw new JamesError('bad-document', `The template makes more than ${MAX_OUTPUT} characters.`);
  return text;
}

function mentionedLabels(parsed: Template[]): string[] {
  const { globals } = guarded(() => engine.analyzeSync(parsed, { partials: false }));
  const unknown = Object.keys(globals).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    const sentence = `"${unknown}" is nothing; a template sees ${NAMES.join(', ')}.`;
    throw templateFault(sentence, globals[unknown]?.[0]?.location);
  }
  const keys = (globals.labels ?? []).map(labelKey);
  return [...new Set(keys)].sort();
}

function labelKey({ segments, location }: Variable): string {
  const [, key] = segments;
  if (typeof key === 'string' && segments.length === 2) return key;
  throw templateFault(
    'labels are read one by one and by name: labels.site or labels["group.web"].',
    location,
  );
}

function templateFault(sentence: string, at?: { row: number; col: number }): JamesError {
  const position = at && { line: at.row, column: at.col };
  const where = at ? `, line ${at.row}, column ${at.col}` : '';
  return new JamesError('bad-document', `template${where}: ${sentence}`, {
    ...(position && { position }),
  });
}

/** Errors of the engine as ours, with their place and without a piece of the template. */
function guarded<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof JamesError) throw error;
    const { message, token } = error as Error & { token?: Partial<Positioned> };
    const [row, col] = token && 'getPosition' in token ? (token as Positioned).getPosition() : [];
    const [first = ''] = message.replace(/, (file:|line:).*$/s, '').split('\n');
    throw templateFault(`${first}.`, row && col ? { row, col } : undefined);
  }
}

interface Positioned {
  getPosition(): [number, number];
}

/** What a piece of text expresses; shown by colour where the terminal has it, never by colour alone. */
export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'warn' | 'bad' | 'accent';

export interface Span {
  text: string;
  tone: Tone;
}

/** Text with tones: a plain string, or spans one after the other. */
export type Text = string | Span | readonly (string | Span)[];

export const strong = (text: string): Span => ({ text, tone: 'strong' });
export const dim = (text: string): Span => ({ text, tone: 'dim' });
export const good = (text: string): Span => ({ text, tone: 'good' });
export const warn = (text: string): Span => ({ text, tone: 'warn' });
export const bad = (text: string): Span => ({ text, tone: 'bad' });
export const accent = (text: string): Span => ({ text, tone: 'accent' });

const codes: Record<Tone, string> = {
  plain: '',
  strong: '1',
  dim: '2',
  good: '32',
  warn: '33',
  bad: '31',
  accent: '36',
};

/** The spans of a text. */
export function spansOf(text: Text): Span[] {
  if (typeof text === 'string') return [{ text, tone: 'plain' }];
  if (!isList(text)) return [text];
  return text.map((part) => (typeof part === 'string' ? { text: part, tone: 'plain' } : part));
}

/** The text for a terminal: with colours (ECMA-48 SGR) or without; control characters are made visible. */
export function paint(text: Text, colour: boolean): string {
  return spansOf(text)
    .map(({ text: part, tone }) => {
      const shown = visible(part);
      return colour && tone !== 'plain' && shown !== ''
        ? `\u001b[${codes[tone]}m${shown}\u001b[0m`
        : shown;
    })
    .join('');
}

/** Replaces control characters (C0 without line feed, DEL, C1): what a device reports must not drive the terminal. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be replaced
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (character) =>
    character === '\t' ? ' ' : '\ufffd',
  );
}

/** Joins texts with a separator between them. */
export function join(texts: readonly Text[], separator: string): Text {
  return texts.flatMap((text, index) =>
    index === 0 ? spansOf(text) : [{ text: separator, tone: 'plain' as const }, ...spansOf(text)],
  );
}

function isList(text: Text): text is readonly (string | Span)[] {
  return Array.isArray(text);
}

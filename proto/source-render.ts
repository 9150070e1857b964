import Type from 'typebox';
import { Id } from './ids.ts';
import { Labels } from './labels.ts';

/** The package managers whose configuration can be written. */
export const managers = ['apt', 'dnf', 'zypper'] as const;
export type Manager = (typeof managers)[number];

/** What `POST /v1/sources/render` takes: a device or labels, and perhaps a template in place of the built-in form. */
export const SourceRenderRequest = Type.Object(
  {
    device: Type.Optional(Id),
    labels: Type.Optional(Labels),
    /** A liquid template over the device's labels and sources. */
    template: Type.Optional(Type.String({ maxLength: 65_536 })),
    /** `one-line`: `.list` files for an apt older than 1.1. */
    form: Type.Optional(Type.Union([Type.Literal('deb822'), Type.Literal('one-line')])),
  },
  { additionalProperties: false },
);
export type SourceRenderRequest = Type.Static<typeof SourceRenderRequest>;

/** The generated configuration, without credentials. */
export interface RenderedSources {
  manager: Manager;
  /** The ids of the sources that apply, in order of precedence. */
  sources: string[];
  /** Sorted by path. Empty where a template was given. */
  files: { path: string; content: string; mode: number }[];
  /** What the given template made, else null. */
  text: string | null;
}

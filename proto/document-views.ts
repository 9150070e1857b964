import type { Impact } from './api.ts';
import type { Document, DocumentOf, Kind } from './document.ts';
import type { Source } from './source.ts';
import type { Spec } from './spec.ts';

/** Documents, their revisions and the states of the whole configuration, as the API shows and takes them. */

/** What the server knows of a document besides what it says. The entity tag is `"revision"`. */
interface Known {
  revision: number;
  updatedAt: string;
  /** The id of the token with which it was changed last; `file` where a file of the server is its truth. */
  author: string;
  message: string | null;
}

export interface SpecView extends Spec, Known {
  kind: 'Spec';
}

export interface SourceView extends Source, Known {
  kind: 'Source';
}

export interface ViewOf {
  Spec: SpecView;
  Source: SourceView;
}

/** One revision of a document; `document` is null where it was deleted. */
export type RevisionView<K extends Kind = Kind> = {
  [Each in K]: {
    kind: Each;
    id: string;
    revision: number;
    generation: number;
    at: string;
    author: string;
    message: string | null;
    document: DocumentOf[Each] | null;
  };
}[K];

/** One state of the whole configuration; `changes` says what made it differ from the one before. */
export interface GenerationView {
  generation: number;
  at: string;
  author: string;
  message: string | null;
  changes: { kind: Kind; id: string; revision: number; change: ChangeKind }[];
}

export type ChangeKind = 'created' | 'updated' | 'unchanged' | 'deleted';

/** A file of the server that is the truth for its sources. */
export interface SourceFileView {
  file: string;
  /** The ids of its sources, as it was read last; none before it was read since the server's start. */
  sources: string[];
  /** When it was read well last. */
  readAt: string | null;
  /** What is wrong with it now; its sources stay as they are. */
  error: { code: string; detail: string } | null;
}

/** Body of `POST apply` and `POST diff`. */
export interface ApplyRequest {
  documents: Document[];
  /** Documents that are not in the list are deleted. */
  prune?: boolean;
  dryRun?: boolean;
  message?: string;
}

export interface ApplyResult {
  generation: number | null;
  results: AppliedDocument[];
  impact: Impact;
}

/** What became, or would become, of a document. */
export type AppliedDocument<K extends Kind = Kind> = {
  [Each in K]: {
    kind: Each;
    id: string;
    change: ChangeKind;
    revision: number | null;
    before: DocumentOf[Each] | null;
    after: DocumentOf[Each] | null;
  };
}[K];

/**
 * The error catalogue: every code that leaves a program, with what the outside needs to know of it.
 * `status` is the HTTP status, `retryable` says whether the same request can succeed later unchanged.
 */
export const errorCatalogue = {
  // bad input
  'bad-request': { status: 400, retryable: false, title: 'The request is not well-formed.' },
  'bad-json': {
    status: 400,
    retryable: false,
    title: 'The body is not the JSON that is asked for.',
  },
  'bad-yaml': {
    status: 400,
    retryable: false,
    title: 'The text is not the YAML that is asked for.',
  },
  'bad-xml': { status: 400, retryable: false, title: 'The text is not the XML that is asked for.' },
  'duplicate-key': { status: 400, retryable: false, title: 'A key stands twice.' },
  'bad-labels': { status: 400, retryable: false, title: 'The labels are malformed.' },
  'bad-selector': { status: 400, retryable: false, title: 'The selector is malformed.' },
  'bad-version-range': { status: 400, retryable: false, title: 'The version range is malformed.' },
  'bad-id': { status: 400, retryable: false, title: 'The name or id is malformed.' },
  'bad-document': { status: 400, retryable: false, title: 'The document is not valid.' },
  'unknown-key': {
    status: 400,
    retryable: false,
    title: 'The document has a key that nobody knows.',
  },
  unsupported: { status: 400, retryable: false, title: 'This feature is not supported here.' },
  'bad-packet': { status: 400, retryable: false, title: 'The file is not a valid packet.' },
  'bad-message': { status: 400, retryable: false, title: 'The message is not valid.' },
  'unknown-schema': {
    status: 400,
    retryable: false,
    title: 'The schema of the message is not known.',
  },
  'too-large': { status: 413, retryable: false, title: 'The input is larger than the limit.' },
  'unsupported-media-type': {
    status: 415,
    retryable: false,
    title: 'The body has a media type that is not taken here.',
  },
  usage: { status: 400, retryable: false, title: 'The command line is not right.' },
  'bad-config': { status: 400, retryable: false, title: 'The configuration is not valid.' },
  'bad-index': { status: 502, retryable: true, title: 'The index of a source is malformed.' },
  'bad-snapshot': {
    status: 500,
    retryable: true,
    title: 'The saved form of an index cannot be used.',
  },
  // who may
  unauthenticated: { status: 401, retryable: false, title: 'Credentials are missing or wrong.' },
  forbidden: { status: 403, retryable: false, title: 'These credentials do not allow this.' },
  'token-expired': { status: 401, retryable: false, title: 'The token has expired or is used up.' },
  // state
  'not-found': { status: 404, retryable: false, title: 'There is nothing of that name.' },
  'method-not-allowed': {
    status: 405,
    retryable: false,
    title: 'This address does not take that method.',
  },
  'packet-exists': {
    status: 409,
    retryable: false,
    title: 'A packet with this name and these labels exists with other content.',
  },
  'packet-in-use': { status: 409, retryable: false, title: 'A live spec chooses this packet.' },
  'device-exists': {
    status: 409,
    retryable: false,
    title: 'A device with this id exists already.',
  },
  'removals-unconfirmed': {
    status: 409,
    retryable: false,
    title: 'The change removes more than may go unconfirmed.',
  },
  'no-removal-pending': {
    status: 409,
    retryable: false,
    title: 'No removal waits for approval on this device.',
  },
  'installed-list-needed': {
    status: 409,
    retryable: false,
    title: 'The server does not know this list of installed packages; send it.',
  },
  'nothing-to-promote': {
    status: 409,
    retryable: false,
    title: 'The spec has no proposed update.',
  },
  conflict: {
    status: 409,
    retryable: false,
    title: 'The state of the server does not allow this.',
  },
  'already-exists': {
    status: 409,
    retryable: false,
    title: 'Something of that name exists already.',
  },
  'precondition-failed': {
    status: 412,
    retryable: false,
    title: 'The document was changed by someone else meanwhile.',
  },
  'precondition-required': {
    status: 428,
    retryable: false,
    title: 'Say which revision is to be replaced (If-Match).',
  },
  'range-not-satisfiable': {
    status: 416,
    retryable: false,
    title: 'The range lies outside the content.',
  },
  'rate-limited': { status: 429, retryable: true, title: 'Too many requests.' },
  // the server
  internal: { status: 500, retryable: true, title: 'The server failed; its log says more.' },
  'no-space': { status: 507, retryable: true, title: 'There is not enough free space.' },
  unavailable: { status: 503, retryable: true, title: 'The server is not ready.' },
  'data-locked': {
    status: 500,
    retryable: true,
    title: 'Another process uses this data directory.',
  },
  'address-in-use': {
    status: 500,
    retryable: true,
    title: 'The address is taken by another program.',
  },
  // sources
  'source-unreachable': {
    status: 502,
    retryable: true,
    title: 'The repository cannot be reached or refuses to answer.',
  },
  'bad-signature': {
    status: 502,
    retryable: true,
    title: 'No key of the source has signed what the repository gave.',
  },
  'index-expired': {
    status: 502,
    retryable: true,
    title: 'The repository says of its index that it is too old to be used.',
  },
  'index-older': {
    status: 502,
    retryable: true,
    title: 'The repository offers an older index than the one in use.',
  },
  // the device
  'path-conflict': { status: 409, retryable: false, title: 'Two packets own one path.' },
  'unsafe-path': { status: 400, retryable: false, title: 'A path leaves the root.' },
  'script-failed': { status: 500, retryable: true, title: 'A script of the packet failed.' },
  'io-error': { status: 500, retryable: true, title: 'The device refused a file operation.' },
  'digest-mismatch': {
    status: 500,
    retryable: true,
    title: 'The content is not what was announced.',
  },
  'download-failed': { status: 500, retryable: true, title: 'The download failed.' },
  'state-locked': {
    status: 500,
    retryable: true,
    title: 'Another agent uses this state directory.',
  },
  unhealthy: { status: 500, retryable: false, title: 'After the change the device was not well.' },
  'undo-unavailable': {
    status: 409,
    retryable: false,
    title: 'What is installed could not be put back.',
  },
  'driver-failed': { status: 500, retryable: false, title: 'A driver of packets failed.' },
  'driver-busy': {
    status: 503,
    retryable: true,
    title: 'A driver of packets could not do it now.',
  },
  'driver-missing': {
    status: 409,
    retryable: false,
    title: 'The device lacks a driver of packets.',
  },
  'restart-pending': {
    status: 409,
    retryable: true,
    title: 'A change waits for the restart of the machine or of the agent.',
  },
  'restart-failed': {
    status: 500,
    retryable: false,
    title: 'The machine or the agent did not restart in time.',
  },
  inhibited: {
    status: 409,
    retryable: false,
    title: 'The device was inhibited until the deadline.',
  },
  'package-failed': {
    status: 500,
    retryable: true,
    title: "The device's package manager failed.",
  },
  'packages-differ': {
    status: 409,
    retryable: true,
    title: "The device's package manager would do something else than the lock says.",
  },
  'package-manager-locked': {
    status: 503,
    retryable: true,
    title: "Another program uses the device's package manager.",
  },
  'source-untrusted': {
    status: 500,
    retryable: true,
    title: 'What a source offers cannot be verified.',
  },
  misaddressed: { status: 400, retryable: false, title: 'The document is for another device.' },
  expired: { status: 400, retryable: true, title: 'The document has expired.' },
  'server-unreachable': { status: 503, retryable: true, title: 'The server cannot be reached.' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** A place in a text: line and column count from 1. */
export interface Position {
  file?: string;
  line: number;
  column: number;
}

export interface ErrorDetails {
  /** Further members of the problem document (RFC 9457 section 3.2), such as `removals`. */
  members?: Readonly<Record<string, unknown>>;
  position?: Position;
  cause?: unknown;
}

/** An error with a code of the catalogue; `message` is a sentence that says what to do. */
export class JamesError extends Error {
  readonly code: ErrorCode;
  readonly members: Readonly<Record<string, unknown>>;
  readonly position: Position | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'JamesError';
    this.code = code;
    this.members = details.members ?? {};
    this.position = details.position;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }

  get retryable(): boolean {
    return errorCatalogue[this.code].retryable;
  }
}

/** A problem document, RFC 9457, with the stable `code`. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  line?: number;
  column?: number;
  [member: string]: unknown;
}

/** The problem document of an error. Unknown errors become `internal` without their text. */
export function toProblem(error: unknown): ProblemDocument {
  const known =
    error instanceof JamesError
      ? error
      : new JamesError('internal', 'The server failed; its log says more.');
  const { title, status } = errorCatalogue[known.code];
  return {
    ...known.members,
    type: `urn:jamesd:error:${known.code}`,
    title,
    status,
    code: known.code,
    detail: known.message,
    ...(known.position && { line: known.position.line, column: known.position.column }),
  };
}

/** True if `code` is one of the catalogue, for codes that arrive from outside. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCatalogue, code);
}

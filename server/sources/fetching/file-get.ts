import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { JamesError } from '../../../proto/errors.ts';
import type { HttpAnswer } from './http-get.ts';
import { unreachable } from './http-get.ts';

/** A file of this machine as an answer of HTTP: 200, 304 (`etag` is known) or 404. Other than regular files are refused. */
export async function fileGet(url: URL, knownEtag: string | null): Promise<HttpAnswer> {
  const path = pathOf(url);
  const facts = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null;
    throw unreachable(url, cause);
  });
  if (!facts) return { status: 404, headers: {}, body: nothing(), cancel() {} };
  if (!facts.isFile())
    throw new JamesError('source-unreachable', `${url.href} is not a regular file.`);
  const etag = `"${facts.size}-${facts.mtimeMs}-${facts.ino}"`;
  if (etag === knownEtag) return { status: 304, headers: { etag }, body: nothing(), cancel() {} };
  const stream = createReadStream(path);
  stream.on('error', () => {});
  return {
    status: 200,
    headers: { etag, 'content-length': String(facts.size) },
    body: stream,
    cancel: () => void stream.destroy(),
  };
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new JamesError('bad-document', `${url.href} names no file of this machine.`, { cause });
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {}

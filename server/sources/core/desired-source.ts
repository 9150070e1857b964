import type { DesiredSource } from '../../../proto/desired-source.ts';
import type { Source } from '../../../proto/source.ts';

/** An index as the kind of the source gives it (`SourceKind.urls`). */
type Address = DesiredSource['urls'][number];

/**
 * A source as a device gets it. `urls` are the kind's addresses for `archs`, the architectures of the source that the
 * device uses, in the repository's words. `file` is what the source's template gave for the device. No credentials: those
 * in an address are dropped, for `auth` names the secret.
 */
export function desiredSource(
  source: Source,
  urls: readonly Address[],
  archs: readonly string[],
  file: DesiredSource['file'] = null,
): DesiredSource {
  const base = source.rawUrl ?? source.url ?? '';
  return {
    id: source.id,
    type: source.type,
    urls: urls.map(({ url, component, arch }) => ({ url: bare(url), component, arch })),
    base: bare(base.endsWith('/') ? base : `${base}/`),
    flat: source.rawUrl !== undefined,
    suite: source.rawUrl === undefined ? (source.suite ?? null) : null,
    components: source.rawUrl === undefined ? [...(source.components ?? [])] : [],
    archs: [...archs],
    signedBy: source.signedBy ?? null,
    trusted: source.trusted ?? false,
    debsrc: source.debsrc ?? false,
    priority: source.priority ?? 500,
    include: [...(source.include ?? [])],
    exclude: [...(source.exclude ?? [])],
    options: { ...source.options },
    auth: source.auth ?? null,
    proxy: source.proxy ?? null,
    file,
  };
}

/** The address without user and password; otherwise as it was written. */
function bare(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

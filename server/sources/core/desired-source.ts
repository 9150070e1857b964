import type { DesiredSource } from '../../../proto/desired-source.ts';
import type { Source } from '../../../proto/source.ts';
import { folderUrl, shownUrl } from './repository-url.ts';

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
  const flat = source.rawUrl !== undefined;
  return {
    id: source.id,
    type: source.type,
    urls: urls.map(({ url, component, arch }) => ({ url: shownUrl(url), component, arch })),
    base: folderUrl(shownUrl(source.rawUrl ?? source.url ?? '')),
    flat,
    suite: flat ? null : (source.suite ?? null),
    components: flat ? [] : componentsOf(source, urls),
    archs: [...archs],
    signedBy: source.signedBy ?? null,
    trusted: source.trusted ?? false,
    debsrc: source.debsrc ?? false,
    priority: source.priority ?? 500,
    include: [...(source.include ?? [])],
    exclude: [...(source.exclude ?? [])],
    options: { ...source.options },
    auth: source.auth ?? null,
    ...(source.ca !== undefined && { ca: source.ca }),
    proxy: source.proxy ?? null,
    ...(source.proxyAuth !== undefined && { proxyAuth: source.proxyAuth }),
    file,
  };
}

/** Those that the source names, else those that its kind takes. */
function componentsOf(source: Source, urls: readonly Address[]): string[] {
  if (source.components?.length) return [...source.components];
  return [...new Set(urls.flatMap(({ component }) => component ?? []))];
}

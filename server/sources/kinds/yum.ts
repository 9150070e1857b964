import { JamesError } from '../../../proto/errors.ts';
import type { Source } from '../../../proto/source.ts';
import { architectureWord, rpmArchitectures } from '../core/architectures.ts';
import { folderUrl } from '../core/repository-url.ts';
import type { IndexAddress, SourceKind } from '../source-kind.ts';

/** rpm-md repositories, as yum, dnf and zypper read them. */
export const yum: SourceKind = {
  type: 'yum',
  family: 'rpm',
  sentinels: [
    ...['redhat', 'rhel', 'centos', 'fedora', 'rocky', 'almalinux', 'ol', 'amzn'],
    ...['opensuse', 'opensuse-leap', 'opensuse-tumbleweed', 'sles', 'suse'],
  ],
  archOf: (word) => architectureWord(rpmArchitectures, word),
  urls,
  async read() {
    throw new JamesError('unsupported', 'Repositories of kind yum are not read yet.');
  },
};

/** Bcfg2's layout: `URL/VERSION/COMPONENT/ARCH/`; a part that the source does not name is left out. */
function urls(source: Source, archs: readonly string[]): IndexAddress[] {
  if (source.rawUrl !== undefined)
    return [{ component: null, arch: null, url: folderUrl(source.rawUrl) }];
  const root = below(folderUrl(source.url ?? ''), source.suite);
  const components = source.components?.length ? source.components : [null];
  return components.flatMap((component) =>
    archs.map((arch) => ({ component, arch, url: below(below(root, component), arch) })),
  );
}

function below(folder: string, part: string | null | undefined): string {
  const name = (part ?? '').replace(/^\/+|\/+$/g, '');
  return name === '' ? folder : `${folder}${name}/`;
}

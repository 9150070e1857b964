/**
 * A configuration for dnf (dnf.conf(5)) for a root of its own, so that the host's is not read; paths are the root's.
 */
export function dnfConf(): string {
  return [
    '[main]',
    'persistdir=/var/lib/dnf',
    'logdir=/var/log',
    'varsdir=/etc/dnf/vars,/etc/yum/vars',
    'obsoletes=1',
    '',
  ].join('\n');
}

/**
 * What every call of dnf gets; paths are the host's, for on its command line dnf does not set the root before them. Its sources are those of `repos` only; it adds no weak dependencies, takes what was asked
 * for and no lesser version, removes nothing only because it seems unneeded, and keeps what it downloads.
 */
export function dnfOptions(places: {
  root: string;
  conf: string;
  repos: string;
  cache: string;
}): string[] {
  const settings: Record<string, string> = {
    reposdir: places.repos,
    cachedir: places.cache,
    keepcache: '1',
    install_weak_deps: '0',
    best: '1',
    clean_requirements_on_remove: '0',
    skip_if_unavailable: '0',
    metadata_expire: 'never',
    exit_on_lock: '1',
    color: 'never',
    timeout: '30',
    retries: '2',
  };
  return [
    ...(places.root === '/' ? [] : ['-c', places.conf, `--installroot=${places.root}`]),
    '--noplugins',
    ...Object.entries(settings).map(([name, value]) => `--setopt=${name}=${value}`),
  ];
}

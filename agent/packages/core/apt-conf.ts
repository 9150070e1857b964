/** Where apt finds things; paths on the host, directories without a slash at the end. */
export interface AptPlaces {
  /** `/`, or another root in which packages are installed without entering it. */
  root: string;
  /** For indexes, packages and the sources that apt is limited to. */
  cache: string;
  /** Whether the agent is root; otherwise dpkg is told not to ask for it. */
  asRoot: boolean;
}

/** Hooks that a root's own configuration may hold; outside of it they would run on the wrong system. */
const HOOKS = [
  'DPkg::Pre-Invoke',
  'DPkg::Post-Invoke',
  'DPkg::Pre-Install-Pkgs',
  'APT::Update::Pre-Invoke',
  'APT::Update::Post-Invoke',
  'APT::Update::Post-Invoke-Success',
];

/**
 * A configuration for apt (apt.conf(5)), to be given both as `APT_CONFIG`, so that the root's own configuration is read and
 * not the host's, and by `-c`, so that it comes last. apt sees the sources of the limited directory only, adds nothing that
 * is only recommended, keeps configuration files that were changed, and keeps what it downloads.
 */
export function aptConf({ root, cache, asRoot }: AptPlaces): string {
  const elsewhere = root !== '/';
  const options = [
    ...(elsewhere ? [`--root=${root}`, '--force-script-chrootless'] : []),
    ...(elsewhere && !asRoot ? ['--force-not-root'] : []),
    '--force-confdef',
    '--force-confold',
  ];
  return [
    ...(elsewhere ? rootLines(root) : []),
    `Dir::State::lists ${quoted(`${cache}/lists/`)};`,
    `Dir::Cache ${quoted(`${cache}/`)};`,
    `Dir::Cache::archives ${quoted(`${cache}/archives/`)};`,
    'Dir::Etc::sourcelist "/dev/null";',
    `Dir::Etc::sourceparts ${quoted(`${cache}/sources/`)};`,
    '#clear DPkg::Options;',
    ...options.map((option) => `DPkg::Options:: ${quoted(option)};`),
    'DPkg::Use-Pty "0";',
    'DPkg::Lock::Timeout "0";',
    'APT::Install-Recommends "0";',
    'APT::Install-Suggests "0";',
    'APT::Keep-Downloaded-Packages "1";',
    'APT::Get::Show-Versions "0";',
    'APT::Get::Upgrade-By-Source-Package "0";',
    'APT::Color "0";',
    'APT::Get::Assume-Yes "1";',
    'APT::List-Cleanup "1";',
    'Acquire::Retries "1";',
    'Acquire::http::Timeout "30";',
    'Acquire::https::Timeout "30";',
    'Acquire::Languages "none";',
    'quiet "1";',
    `#include ${quoted(`${cache}/conf/`)};`,
    '',
  ].join('\n');
}

function rootLines(root: string): string[] {
  return [
    `Dir ${quoted(`${root}/`)};`,
    `Dir::State::status ${quoted(`${root}/var/lib/dpkg/status`)};`,
    ...HOOKS.map((hook) => `#clear ${hook};`),
  ];
}

/** apt.conf has no way to write a quote in a text; a path that holds one cannot be given. */
const quoted = (text: string): string => `"${text.replaceAll('"', '')}"`;

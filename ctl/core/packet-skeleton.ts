import { stringify } from 'yaml';
import type { Labels } from '../../proto/labels.ts';

export interface SkeletonFile {
  path: string;
  text: string;
  executable: boolean;
}

/** The files of a new packet's directory. */
export function skeletonFiles(name: string, labels: Labels): SkeletonFile[] {
  return [
    { path: 'control.yaml', text: control(name, labels), executable: false },
    {
      path: 'scripts/postinst',
      text: script('after its files were put in place', 'systemctl restart'),
      executable: true,
    },
    {
      path: 'scripts/prerm',
      text: script('before its files are taken away', 'systemctl stop'),
      executable: true,
    },
  ];
}

function control(name: string, labels: Labels): string {
  const entries = stringify(labels, { lineWidth: 0 }).trimEnd().replace(/^/gm, '  ');
  return `# What the packet is. Name and labels together identify it: no two packets may have both alike.
${stringify({ name }).trimEnd()}

# A device gets the packet if all of these are among its labels or those that a spec asks for.
labels:${Object.keys(labels).length > 0 ? `\n${entries}\n` : ' {}\n'}
# All below is optional.
#
# description: what it is for, in a line
#
# Packets that must be there too; the labels or the version range choose which.
# depends:
#   - name: libhub
#     version: ">=2 <3"
#
# Files that people change on the device: kept, the new one is put beside it as NAME.jamesd-new.
# config:
#   - /etc/${name}.conf
`;
}

function script(when: string, command: string): string {
  return `#!/bin/sh
# Runs ${when}; delete it if there is nothing to do. The others are preinst and postrm.
# The working directory is /. A status other than 0 is a failure.
#   JAMESD_ACTION       install, upgrade, remove or undo
#   JAMESD_ROOT         the root that the packet is installed below, usually /
#   JAMESD_PACKET       the name of the packet
#   JAMESD_OLD_VERSION  and JAMESD_NEW_VERSION, where there is one
set -eu

# ${command} "$JAMESD_PACKET"
exit 0
`;
}

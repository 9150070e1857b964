/**
 * What keeps jamesd from working with a program of the name `dnf` or `yum`, as a sentence that says what to do; null for
 * dnf 4. `bytes` is the program itself: dnf 4 and yum 3 are scripts in Python, dnf 5 and microdnf are not.
 */
export function dnfProgramFault(path: string, bytes: Uint8Array): string | null {
  if (bytes[0] === 0x7f && bytes[1] === 0x45)
    return `${path} is dnf 5 or microdnf, which jamesd cannot use: install dnf 4 beside it (package python3-dnf, program dnf-3).`;
  if (new TextDecoder().decode(bytes.slice(0, 65_536)).includes('yummain'))
    return `${path} is yum 3, which jamesd cannot use: install dnf 4 beside it (package dnf).`;
  return null;
}

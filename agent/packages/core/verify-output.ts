/** A file of a package that is not as the package brought it. */
export interface FileFinding {
  path: string;
  missing: boolean;
}

/** Size, digest, device and link. Times, owners and modes do not count. */
const TELLS_OF_CONTENT = /[S5DL]/;

/**
 * Reads the lines of `rpm -V` and `dpkg --verify`, which have one form: nine or more letters of what differs, a letter of
 * the kind of file, the path; or `missing`. Configuration files, ghosts and what differs only in time, owner or mode are
 * left out: people may change these.
 */
export function parseVerify(text: string): FileFinding[] {
  return text.split('\n').flatMap((line): FileFinding[] => {
    const [, what = '', kind = '', path = ''] =
      /^(missing|[A-Za-z0-9.?]{8,})\s+(?:([a-z])\s+)?(\/.*?)(?: \([^)]*\))?$/.exec(line) ?? [];
    if (path === '' || kind === 'c' || kind === 'g') return [];
    if (what === 'missing') return [{ path, missing: true }];
    return TELLS_OF_CONTENT.test(what) ? [{ path, missing: false }] : [];
  });
}

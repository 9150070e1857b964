declare const JAMESD_VERSION: string | undefined;

/** The version of this program; set by the build. */
export const release: string = typeof JAMESD_VERSION === 'string' ? JAMESD_VERSION : '0.0.0-source';

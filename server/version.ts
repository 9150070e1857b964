declare const JAMESD_VERSION: string | undefined;

/** The release of this server; set by the build. */
export const SERVER_VERSION = typeof JAMESD_VERSION === 'string' ? JAMESD_VERSION : '0.0.0-source';

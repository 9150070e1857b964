import { randomBytes } from 'node:crypto';

/** A short name that nobody else has: 16 hexadecimal digits. */
export const randomId = (): string => randomBytes(8).toString('hex');

/** Who is on a connection. */
export type Identity = { kind: 'device'; device: string } | { kind: 'operator'; token: string };

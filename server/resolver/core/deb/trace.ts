import type { Request } from '../resolution.ts';
import { openSession } from './session.ts';
import { solveDeb } from './solve.ts';

/**
 * Follows an answer from its wants, breadth first: `Package X: adding new deps ['a', 'b']` for each package that brings
 * others, `VPackage Y: got provides ['z']` for each name that another package serves.
 */
export function traceDeb(view: Parameters<typeof solveDeb>[0], request: Request): string[] {
  const session = openSession(view, request);
  const { pool, groups } = session;
  const answer = solveDeb(view, request);
  const present = new Set(answer.packages.map(({ name }) => name));
  const lines: string[] = [];
  const seen = new Set(request.wants.map(({ name }) => name));
  const queue = answer.packages.filter(({ auto }) => !auto).map(({ name }) => name);
  for (const name of queue) seen.add(name);
  for (let at = 0; at < queue.length; at += 1) {
    const name = queue[at] as string;
    const one = answer.packages.find((row) => row.name === name);
    const version = pool
      .group(name)
      .flatMap((pkg) => pool.versions(pkg))
      .find((id) => view.version(id) === one?.version);
    if (version === undefined) continue;
    const needed = groups
      .of(version)
      .filter(
        ({ isNegative, isCritical }) => !isNegative && (isCritical || session.follow(version)),
      );
    const fresh: string[] = [];
    const provided: string[] = [];
    for (const { alternatives } of needed)
      for (const { name: target, versions } of alternatives) {
        const servers = [...new Set(versions.map((id) => view.name(id)))].filter((server) =>
          present.has(server),
        );
        if (servers.length === 0 || seen.has(target)) continue;
        seen.add(target);
        fresh.push(target);
        if (!present.has(target))
          provided.push(`VPackage ${target}: got provides [${quoted(servers)}]`);
        for (const server of servers) {
          seen.add(server);
          queue.push(server);
        }
      }
    if (fresh.length > 0) lines.push(`Package ${name}: adding new deps [${quoted(fresh)}]`);
    lines.push(...provided);
  }
  return lines;
}

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

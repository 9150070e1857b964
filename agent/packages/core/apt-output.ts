import { compareVersions } from '../../../proto/version.ts';
import type { ToolChange, ToolSimulation } from './tool-simulation.ts';

/**
 * Reads what `apt-get -s` prints: lines `Inst NAME [OLD] (NEW SOURCES [ARCH])` and `Remv NAME [OLD]` (`Purg` likewise), `Conf`
 * for what is configured, and the sentences on sizes. Names of other architectures are written `NAME:ARCH`.
 */
export function parseAptSimulation(text: string): ToolSimulation {
  const changes: ToolChange[] = [];
  for (const line of text.split('\n')) {
    const change = changeOf(line);
    if (change) changes.push(change);
  }
  return { changes, ...sizesOf(text) };
}

function changeOf(line: string): ToolChange | null {
  const install = /^Inst (\S+?)(?::(\S+))? (?:\[([^\]]+)\] )?\((\S+) .*?\[([^\]]+)\]\)/.exec(line);
  if (install) {
    const [, name = '', , from = null, to = '', arch = ''] = install;
    return { kind: kindOf(from, to), name, arch, from, to };
  }
  const configure = /^Conf (\S+?)(?::(\S+))? (?:\[[^\]]*\] )?\((\S+) .*?\[([^\]]+)\]\)/.exec(line);
  if (configure) {
    const [, name = '', , to = '', arch = ''] = configure;
    return { kind: 'reinstall', name, arch, from: to, to };
  }
  const remove = /^(?:Remv|Purg) (\S+?)(?::(\S+))? \[([^\]]+)\]/.exec(line);
  if (!remove) return null;
  const [, name = '', arch = null, from = null] = remove;
  return { kind: 'remove', name, arch, from, to: null };
}

function kindOf(from: string | null, to: string): ToolChange['kind'] {
  if (from === null) return 'install';
  return compareVersions(to, from) < 0 ? 'downgrade' : 'upgrade';
}

function sizesOf(text: string): Pick<ToolSimulation, 'downloadBytes' | 'diskBytes'> {
  const get = /^Need to get ([\d.,]+ [kMGT]?B)/m.exec(text)?.[1];
  const after = /^After this operation, ([\d.,]+ [kMGT]?B) (.*)$/m.exec(text);
  const disk = bytesOf(after?.[1] ?? '');
  return {
    downloadBytes: bytesOf(get ?? ''),
    diskBytes: after?.[2]?.includes('freed') ? -disk : disk,
  };
}

/** `1,234 kB` in bytes: apt counts in thousands. */
export function bytesOf(text: string): number {
  const [, digits = '0', unit = ''] = /^([\d.,]+)\s*([kMGT]?)/.exec(text) ?? [];
  const power = ['', 'k', 'M', 'G', 'T'].indexOf(unit);
  return Math.round(Number(digits.replaceAll(',', '')) * 1000 ** power) || 0;
}

/** What apt-get says it knows no package for, with its sentence: names as they were asked for, or without architecture. */
export function aptUnfound(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name = null] =
      /^E: (?:Unable to locate package (\S+)|Unsupported file (\S+) given on commandline)$/
        .exec(line)
        ?.filter((part) => part !== undefined) ??
      /^E: Package '(\S+)' has no installation candidate$/.exec(line) ??
      [];
    if (name !== null && !found.has(name)) found.set(name, line.slice('E: '.length));
  }
  return found;
}

import { answerTo } from '../../conformance/apt/answer.ts';
import { afterAnswer } from '../../conformance/apt/changes.ts';
import { readCommandLine } from '../../conformance/apt/command-line.ts';
import type { Machine } from '../../conformance/apt/machine.ts';
import type { Draw } from './draw.ts';
import { drawReleases, NAMES } from './releases.ts';

/**
 * A small machine: two releases, and some packages of the older one installed with all that they need; some on hold,
 * some marked automatic or not by chance.
 */
export function drawMachine(draw: Draw, archs: readonly [string, ...string[]]): Machine {
  const releases = drawReleases(draw, archs);
  const older = new Map([['stable', releases.get('stable') ?? []]]);
  let machine: Machine = { archs, releases: older, installed: [], flags: new Set() };
  for (let round = 0; round < 4; round += 1) machine = withOneMore(draw, machine);
  const installed = machine.installed.map((row) => ({
    ...row,
    hold: draw.chance(0.06),
    auto: draw.chance(0.2) ? !row.auto : row.auto,
  }));
  return { ...machine, releases, installed };
}

function withOneMore(draw: Draw, machine: Machine): Machine {
  const answer = answerTo(readCommandLine(['apt-get', 'install', draw.one(NAMES)]), machine);
  if (answer.kind === 'refused' || answer.resolution.removed.length > 0) return machine;
  return afterAnswer(machine, answer.resolution, answer.wanted);
}

/** The words of a command for apt-get: mostly installations, and upgrades of both kinds. */
export function drawCommand(draw: Draw, machine: Machine): string[] {
  const words = drawVerb(draw, machine);
  const release = draw.one(['stable', 'unstable']);
  return draw.chance(0.15) && words[0] !== 'remove' ? [...words, '-t', release] : words;
}

function drawVerb(draw: Draw, { archs, installed }: Machine): string[] {
  const name = (): string => draw.one(NAMES);
  const plain = draw.chance(0.3) ? ['--no-install-recommends'] : [];
  switch (draw.number(10)) {
    case 0:
    case 1:
    case 2:
      return ['install', name(), ...plain];
    case 3:
      return ['install', name(), name(), ...plain];
    case 4: {
      const [some, other] = [draw.number(NAMES.length), 1 + draw.number(NAMES.length - 1)];
      const gone = NAMES[(some + other) % NAMES.length];
      return ['install', `${NAMES[some]}`, `${gone}-`, ...plain];
    }
    case 5:
      return ['remove', installed[draw.number(installed.length)]?.name ?? name()];
    case 6:
      return ['upgrade', ...(draw.chance(0.5) ? ['--with-new-pkgs'] : [])];
    case 7:
    case 8:
      return ['dist-upgrade'];
    default: {
      if (draw.chance(0.5)) return ['install', `${name()}=${1 + draw.number(3)}`];
      const arch = archs[draw.number(archs.length)];
      return ['install', archs.length > 1 ? `${name()}:${arch}` : name()];
    }
  }
}

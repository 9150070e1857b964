import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Labels } from '../../proto/labels.ts';
import type { Packet, Prerequisite } from '../../proto/packet.ts';
import { readSpec } from '../../proto/read-spec.ts';
import { parseYaml } from '../../proto/yaml.ts';
import { planLabels } from '../../server/core/plan.ts';
import { indexPackets, makePacket } from '../support/make.ts';
import { runCases, type SuiteResult } from './suite.ts';

interface MatchingCase {
  case: string;
  packets: { name: string; labels: Labels; depends?: Prerequisite[] }[];
  specs: object[];
  device: Record<string, string>;
  want: (number | { problem: string; app: string })[];
}

/** The design's own cases of matching and planning. */
export function matching(folder: string): SuiteResult {
  const file = 'matching.yaml';
  const [yaml] = parseYaml(readFileSync(join(folder, file), 'utf8'), file);
  return runCases('matching', yaml?.value as MatchingCase[], (one) => one.case, runCase);
}

function runCase(one: MatchingCase): string | null {
  const packets = one.packets.map((packet, index) => makePacket({ ...packet, seq: index + 1 }));
  const specs = one.specs.map((spec) => ({ ...readSpec(spec), revision: 1 }));
  const plan = planLabels(one.device, specs, indexPackets(packets));
  const got = [
    ...plan.packets.map(({ packet }) => packets.indexOf(packet as Packet)),
    ...plan.problems.map(({ code, name }) => ({ problem: code, app: name })),
  ];
  const [have, want] = [got, one.want].map((list) =>
    list
      .map((item) => JSON.stringify(item))
      .sort()
      .join(' '),
  );
  return have === want ? null : `got ${have}, wanted ${want}`;
}

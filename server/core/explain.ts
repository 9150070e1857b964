import type { AppExplanation, Explanation } from '../../proto/api.ts';
import type { Labels } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';
import { type Condition, holds } from '../../proto/selector.ts';
import { type AppLine, appLines, applyingSpecs } from './app-lines.ts';
import { comparePreference, fits, type Line, type Wish, wishOf } from './match.ts';
import type { LabelPlan, PacketIndex, PlannedPacket, SpecEntry } from './model.ts';
import { packageFields } from './package-policy.ts';
import { explainSources } from './package-sources.ts';
import { type PlanWorld, planLabelset, problemsOf } from './plan-labelset.ts';
import { nearestPackets, whyNot } from './problems.ts';

const MAX_CANDIDATES = 20;

/** Why a device with these labels gets what it gets: for one name (of an app or a package), or for all. */
export function explainLabels(
  labels: Labels,
  specs: readonly SpecEntry[],
  world: PlanWorld,
  only?: string,
): Omit<Explanation, 'device'> {
  const { packets } = world;
  const plan = planLabelset(labels, specs, world);
  const applying = applyingSpecs(labels, specs);
  const lines = appLines(applying);
  const names = new Set([...lines.keys(), ...plan.packets.map(({ packet }) => packet.name)]);
  const packages = (plan.packages?.packages() ?? []).filter(
    ({ name }) => only === undefined || name === only,
  );
  if (only !== undefined && packages.length === 0) names.add(only);
  return {
    labels,
    specs: specs.map((spec) => explainSpec(labels, spec)),
    apps: [...names]
      .filter((name) => only === undefined || name === only)
      .sort()
      .map((name) => explainApp(labels, name, lines.get(name) ?? [], plan, packets)),
    sources: plan.packages ? explainSources(world.packages, labels) : [],
    packages,
    policy: [...packageFields(applying), ...plan.policy.fields],
    problems: problemsOf(plan),
  };
}

function explainSpec(labels: Labels, spec: SpecEntry): Explanation['specs'][number] {
  const unmet = Object.entries(spec.target)
    .filter(([key, condition]) => !holds(condition, labels[key]))
    .map(([key, condition]) => describeUnmet(key, condition, labels[key]));
  return {
    id: spec.id,
    revision: spec.revision,
    applies: unmet.length === 0,
    target: spec.target,
    unmet,
  };
}

/** Why a condition on a label does not hold, as the rest of a sentence that begins with "it". */
export function describeUnmet(
  key: string,
  condition: Condition,
  value: string | undefined,
): string {
  const has =
    value === undefined ? `the device has no label "${key}"` : `the device has ${key}=${value}`;
  if (typeof condition === 'string') return `wants ${key}=${condition}, ${has}`;
  if (Array.isArray(condition)) return `wants ${key} to be one of ${condition.join(', ')}, ${has}`;
  if ('exists' in condition)
    return `wants ${key} ${condition.exists ? 'to be there' : 'not to be there'}, ${has}`;
  const values = typeof condition.not === 'string' ? condition.not : condition.not.join(', ');
  return `wants ${key} not to be ${values}, ${has}`;
}

function explainApp(
  labels: Labels,
  name: string,
  lines: readonly AppLine[],
  plan: LabelPlan,
  packets: PacketIndex,
): AppExplanation {
  const chosen = plan.packets.find(({ packet }) => packet.name === name);
  const wish = wishOf(labels, linesFor(name, lines, plan)) ?? {
    wanted: labels,
    required: {},
    ranges: [],
  };
  return {
    name,
    lines: lines.map(({ app, spec, priority, counts }) => ({
      spec: spec.id,
      priority,
      counts,
      labels: app.labels ?? {},
      version: app.version ?? null,
    })),
    wanted: wish.wanted,
    chosen: chosen ? describeChosen(chosen) : null,
    candidates: nearestPackets(packets.byName(name), wish, MAX_CANDIDATES).map((packet) =>
      describeCandidate(packet, wish, chosen?.packet),
    ),
    problem: plan.problems.find((one) => one.name === name) ?? null,
  };
}

/** The lines that decide: the app's that count, or for a prerequisite the lines of the packets that need it. */
function linesFor(name: string, lines: readonly AppLine[], plan: LabelPlan): Line[] {
  if (lines.length > 0)
    return lines
      .filter(({ counts }) => counts)
      .slice(0, 1)
      .map(({ app }) => app);
  return plan.packets.flatMap(({ packet }) =>
    (packet.depends ?? []).filter((line) => line.name === name),
  );
}

function describeChosen({ packet, reason }: PlannedPacket): NonNullable<AppExplanation['chosen']> {
  const why = reason.neededBy
    ? `needed by ${[...reason.neededBy].reverse().join(', which is needed by ')}, which spec ${reason.spec} wants`
    : `wanted by spec ${reason.spec} (revision ${reason.revision})`;
  return { id: packet.id, name: packet.name, labels: packet.labels, reason, why };
}

function describeCandidate(
  packet: Packet,
  wish: Wish,
  chosen: Packet | undefined,
): AppExplanation['candidates'][number] {
  const { id, name, labels } = packet;
  const eligible = fits(packet, wish);
  if (!eligible) return { id, name, labels, eligible, verdict: whyNot(packet, wish) };
  if (chosen?.id === id) return { id, name, labels, eligible, verdict: 'is the best match' };
  return { id, name, labels, eligible, verdict: chosen ? whyWorse(packet, chosen) : 'fits' };
}

/** Why a packet that fits was not taken; the rules in the order in which they count. */
function whyWorse(packet: Packet, chosen: Packet): string {
  const count = Object.keys(packet.labels).length;
  const best = Object.keys(chosen.labels).length;
  if (comparePreference(packet, chosen) < 0) return 'fits better, but another line decided';
  if (count < best) return `fits, but has fewer labels (${count} against ${best})`;
  const version = packet.labels.version;
  if (version !== chosen.labels.version) {
    return `fits, but ${version === undefined ? 'has no version' : `version ${version} is lower than ${chosen.labels.version}`}`;
  }
  return 'fits, but was uploaded earlier';
}

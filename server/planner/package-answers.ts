import { JamesError } from '../../proto/errors.ts';
import type { Labels } from '../../proto/labels.ts';
import type { DeviceResolveRequest } from '../../proto/lock.ts';
import type { PackageOffer, ResolveAnswer, ResolveRequest } from '../../proto/package-views.ts';
import { applyingSpecs } from '../core/app-lines.ts';
import type { LabelPlan, Pins, SpecEntry } from '../core/model.ts';
import type { PackageWant } from '../core/package-lines.ts';
import { comparePackages } from '../core/package-lock.ts';
import type { PackageView, PackageWorld } from '../core/package-model.ts';
import { choosePackages, type PackageSituation, packageSituation } from '../core/package-plan.ts';
import { hintOf } from '../core/package-problems.ts';
import { plannedPackages } from '../core/package-reasons.ts';
import { explainSources, judgeSources } from '../core/package-sources.ts';
import { type PlanWorld, pinsFor, planLabelset } from '../core/plan-labelset.ts';
import type { ResolveProblem } from '../resolver/core/resolution.ts';
import { deviceLock } from './device-lock.ts';
import { createInstalledLists } from './installed-lists.ts';
import type { OfferQuery } from './planner.ts';

/** What packages questions of people and devices are answered from. */
export interface PackageAnswerParts {
  labelsOf: (device: string) => Labels | undefined;
  /** The labels that a device's present plan was made for; undefined: it has none. */
  plannedLabels: (device: string) => Labels | undefined;
  /** A few more specs than apply to labels, never fewer. */
  candidates: (labels: Labels) => SpecEntry[];
  world: () => PlanWorld;
}

export interface PackageAnswers {
  resolve(request: ResolveRequest): ResolveAnswer;
  resolveFor(device: string, request: DeviceResolveRequest): string;
  offers(query: OfferQuery): PackageOffer[];
}

export function createPackageAnswers(parts: PackageAnswerParts): PackageAnswers {
  const lists = createInstalledLists();

  const labelsFor = ({ device, labels }: { device?: string; labels?: Labels }): Labels => {
    if (device === undefined) return labels ?? {};
    const found = parts.labelsOf(device);
    if (!found) throw new JamesError('not-found', `There is no device ${device}.`);
    return found;
  };

  const situate = (labels: Labels): Situated => {
    const world = parts.world();
    const applying = applyingSpecs(labels, parts.candidates(labels));
    const plan = planLabelset(labels, applying, world);
    const input = { labels, applying, packets: plan.packets, world: world.packages };
    const pins = pinsFor(labels, applying, world.locks);
    return { plan, world: world.packages, pins, situation: packageSituation(input) };
  };

  return {
    resolve(request) {
      const labels = labelsFor(request);
      const { world, situation, pins } = situate(labels);
      const wants = request.names?.map(wantOf) ?? situation.wants;
      return answerOf({ labels, world, pins, situation: { ...situation, wants } }, request);
    },
    resolveFor(device, request) {
      const labels = parts.plannedLabels(device);
      const found = labels && situate(labels);
      const packages = found?.plan.packages;
      if (!found || !packages || packages.lock.digest !== request.lock)
        throw new JamesError(
          'not-found',
          'The desired state of the device does not name this lock; fetch it again.',
        );
      const installed = lists.take(request);
      if (!packages.view) return packages.lock.text();
      return deviceLock({ ...found, labels }, installed);
    },
    offers(query) {
      const labels = query.device === undefined && !query.labels ? null : labelsFor(query);
      return offersOf(parts.world().packages, labels, query);
    },
  };
}

interface Situated {
  plan: LabelPlan;
  world: PackageWorld;
  pins: Pins;
  situation: PackageSituation;
}

/** A name as people give it: `nginx`, `nginx:amd64`, `nginx=1.22.*`, `nginx:amd64=1.22.*`. */
function wantOf(text: string): PackageWant {
  const [, named = text, version] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const [, name = named, arch] = /^(.+):([a-z0-9_-]+)$/.exec(named) ?? [];
  return {
    name,
    ...(arch !== undefined && { arch }),
    ...(version !== undefined && { version }),
    ...{ verify: true, manual: false, reason: { spec: '', revision: 0, packets: [] } },
  };
}

interface Asked {
  labels: Labels;
  world: PackageWorld;
  pins: Pins;
  situation: PackageSituation;
}

function answerOf(asked: Asked, { debug, names }: ResolveRequest): ResolveAnswer {
  const { labels, world, situation } = asked;
  const choice = choosePackages(asked, situation);
  const { resolution, unindexed, view, asked: wants, requests } = choice;
  const problems = [...(names ? [] : situation.conflicts), ...choice.problems];
  const auto = situation.policy.version === 'auto';
  const packages = [...unindexed, ...plannedPackages(resolution, wants, auto)];
  return {
    type: situation.type,
    sources: explainSources(world, labels),
    wants: situation.wants.map(({ name, version = null, arch = null }) => ({
      ...{ name, version, arch },
    })),
    packages: packages.sort(comparePackages).map(withoutEmptySpec),
    removed: resolution.removed,
    unresolved: [...new Set(problems.map(({ name }) => name))].sort(),
    problems: problems.map(({ code, name, detail }) => ({
      ...{ code, name },
      ...sentencesOf(
        resolution.problems.find((one) => one.name === name),
        detail,
        view,
      ),
    })),
    trace: debug && view ? requests.flatMap((request) => world.trace(view, request)) : [],
  };
}

/** A package that a person asked for has no spec. */
function withoutEmptySpec<One extends ResolveAnswer['packages'][number]>(one: One): One {
  if (one.reason.spec !== '') return one;
  return { ...one, reason: { ...one.reason, spec: null, revision: null } };
}

function sentencesOf(
  found: ResolveProblem | undefined,
  detail: string,
  view: PackageView | null,
): { sentences: string[]; hint: string | null } {
  return found
    ? { sentences: found.sentences, hint: view ? hintOf(found, view) : found.hint }
    : { sentences: [detail], hint: null };
}

/** What the views offer: for labels that of the device, otherwise that of every source alone. */
function offersOf(world: PackageWorld, labels: Labels | null, query: OfferQuery): PackageOffer[] {
  const found: PackageOffer[] = [];
  for (const view of viewsOf(world, labels)) {
    const names =
      query.name === undefined ? view.search(query.search ?? '', query.limit) : [query.name];
    for (const name of names) {
      if (found.length >= query.limit) return found;
      found.push(...describeOffers(view, name));
    }
  }
  return found.slice(0, query.limit);
}

function viewsOf(world: PackageWorld, labels: Labels | null): PackageView[] {
  if (labels) {
    const judged = judgeSources(world, labels).filter(({ verdict }) => verdict.applies);
    const type = judged[0]?.verdict.type;
    const applied = judged.filter(({ verdict }) => verdict.type === type);
    return applied.length > 0 ? [world.view(applied, labels)] : [];
  }
  return world.sources.flatMap((source) => {
    const { type, archs } = world.whole(source);
    if (type === null) return [];
    const verdict = {
      applies: true,
      type,
      archs,
      native: archs[0] ?? '',
      archMissing: false,
      unmet: [],
    };
    return [world.view([{ source, verdict }], {})];
  });
}

function describeOffers(view: PackageView, name: string): PackageOffer[] {
  const all = view.versions(name);
  const best = all.find(({ barred }) => barred === null);
  return all.map((one) => {
    const { version, arch, source, priority, summary } = one;
    return {
      ...{ name, version, arch, source, priority, summary },
      chosen: one === best,
      why: one === best ? null : (one.barred ?? whyNot(one, best)),
    };
  });
}

function whyNot(
  one: { version: string; priority: number; arch: string },
  best: { version: string; priority: number; arch: string } | undefined,
): string | null {
  if (!best) return null;
  if (one.priority < best.priority)
    return `its priority is lower (${one.priority} against ${best.priority})`;
  if (one.version !== best.version) return `its version is lower than ${best.version}`;
  return `it is for ${one.arch}, and ${best.arch} comes first`;
}

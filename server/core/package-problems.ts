import type { PlanProblem } from '../../proto/api.ts';
import type { Labels } from '../../proto/labels.ts';
import type { Resolution, ResolveProblem } from '../resolver/core/resolution.ts';
import type { PackageWant } from './package-lines.ts';
import type { AppliedSource, PackageView, PackageWorld } from './package-model.ts';
import { autoManagers, judgeSources } from './package-sources.ts';
import { problem } from './problems.ts';

const MAX_NAMED = 3;

/** A package on a device that no source serves: the nearest sources and the condition that fails. */
export function noSourceProblem(
  want: PackageWant,
  world: PackageWorld,
  labels: Labels,
): PlanProblem {
  const near = judgeSources(world, labels)
    .filter(({ verdict }) => verdict.unmet.length > 0)
    .sort((a, b) => a.verdict.unmet.length - b.verdict.unmet.length)
    .slice(0, MAX_NAMED)
    .map(({ source, verdict }) => `source ${source.id} ${verdict.unmet.join(' and ')}`);
  const why =
    world.sources.length === 0
      ? 'There are no sources; apply a document of kind Source.'
      : near.length > 0
        ? `Nearest: ${near.join('; ')}.`
        : 'The sources that apply have packages of another type than the device.';
  return problem(
    'no-source',
    want.name,
    `${asker(want)} asks for package ${want.name}, and no source applies to the device. ${why}`,
  );
}

/** A package whose version the device shall pick, on one that cannot. */
export function unsupportedProblem(want: PackageWant, labels: Labels): PlanProblem {
  return problem(
    'unsupported',
    want.name,
    `${asker(want)} leaves the version of package ${want.name} to the device (version: auto), and its package manager ${labels.packages} cannot pick versions. These can: ${autoManagers().join(', ')}.`,
  );
}

/** What is known of a want that the resolver left out. */
export interface Unserved {
  resolution: Resolution;
  view: PackageView;
  applied: readonly AppliedSource[];
}

/** A package that the resolver left out, in the resolver's sentences. */
export function unservedProblem(want: PackageWant, found: Unserved): PlanProblem {
  const { view, applied, resolution } = found;
  if (!view.has(want.name)) {
    if (view.missing.length > 0)
      return problem('unresolvable', want.name, describeUnread(want, view));
    if (applied.every(({ verdict }) => verdict.archMissing))
      return problem('no-arch', want.name, describeNoArch(want, applied));
  }
  const fault = resolution.problems.find(({ name }) => name === want.name);
  const sentences = fault?.sentences ?? [`Package ${want.name} cannot be installed.`];
  const hint = fault ? hintOf(fault, view) : null;
  const text = [...sentences, ...(hint === null ? [] : [hint])].map(sentence).join(' ');
  return problem('unresolvable', want.name, `${asker(want)} asks for ${want.name}. ${text}`);
}

/** The resolver's hint; where it misses a source and one that applies was never read, that is the hint. */
export function hintOf({ hint }: ResolveProblem, view: PackageView): string | null {
  if (view.missing.length === 0 || (hint !== null && !hint.endsWith(UNKNOWN))) return hint;
  return capital(unread(view));
}

/** The end of the resolver's hint on names that no source has. */
const UNKNOWN = 'is a source missing?';

function unread({ missing }: PackageView): string {
  const [are, have] = missing.length === 1 ? ['source', 'has'] : ['sources', 'have'];
  return `${are} ${missing.join(', ')} ${have} not been read yet. See "jamesd-ctl source status".`;
}

function describeUnread(want: PackageWant, view: PackageView): string {
  return `${asker(want)} asks for package ${want.name}, and ${unread(view)}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function describeNoArch(want: PackageWant, applied: readonly AppliedSource[]): string {
  const near = applied
    .slice(0, MAX_NAMED)
    .map(({ source, verdict }) => `source ${source.id} ${verdict.unmet.join(' and ')}`);
  return `${asker(want)} asks for package ${want.name}, and no source has packages for the device's architecture: ${near.join('; ')}.`;
}

/** A want that needs a version which the lock of its spec decides and no source offers any more. */
export function goneProblem(
  want: PackageWant,
  decided: { name: string; version: string },
  view: PackageView,
): PlanProblem {
  const { spec } = want.reason;
  const offered = view.versions(decided.name).filter(({ barred }) => barred === null);
  const versions = [...new Set(offered.map(({ version }) => version))].slice(0, MAX_NAMED);
  const instead =
    versions.length > 0 ? `What is offered: ${versions.join(', ')}.` : 'Nothing is offered.';
  const needs = want.name === decided.name ? '' : `Package ${want.name} needs ${decided.name}. `;
  return problem(
    'unresolvable',
    want.name,
    `${needs}The lock of spec ${spec} says ${decided.name} ${decided.version}, which no source offers any more. ${instead} Promote the update (jamesd-ctl spec promote ${spec}), or bring the version back.`,
  );
}

/** A package of a spec whose renewal is held, where some that the spec brought would not stay. */
export function heldProblem(name: string, spec: string, missing: readonly string[]): PlanProblem {
  return problem(
    'unresolvable',
    name,
    `The renewal of spec ${spec} is held, and what sources offer now would not leave ${missing.slice(0, MAX_NAMED).join(', ')} on the device: it keeps what it has for the spec. See "jamesd-ctl spec updates ${spec}".`,
  );
}

/** Who asks; a person's question has no spec. */
function asker({ reason: { spec, packets } }: PackageWant): string {
  const packet = packets.at(-1);
  if (spec === '') return 'The question';
  return packet === undefined ? `Spec ${spec}` : `Packet ${packet} (spec ${spec})`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

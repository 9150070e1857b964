import type { Bus } from '../../broker/bus.ts';
import type { Clock, Random } from '../../proto/clock.ts';
import { isKept } from '../../proto/desired.ts';
import type { Log } from '../../proto/log.ts';
import { explainLabels } from '../core/explain.ts';
import { applyingSources } from '../core/package-sources.ts';
import { planLabelset } from '../core/plan-labelset.ts';
import type { Events } from '../events/events.ts';
import { createBindingLocks } from '../locks/binding-locks.ts';
import { createLockHistory } from '../locks/lock-history.ts';
import type { Packets } from '../packets/packets.ts';
import type { Devices } from '../registry/devices.ts';
import type { Store } from '../store/store.ts';
import { createAsking } from './asking.ts';
import { createBodies } from './bodies.ts';
import { createChoosing } from './choosing.ts';
import { createComparison } from './comparison.ts';
import { planView } from './core/body.ts';
import { etagOf, type Sign } from './core/document.ts';
import { indexSpecs } from './core/spec-index.ts';
import { createDeciding } from './deciding.ts';
import { createDelivery } from './delivery.ts';
import { Fleet, type Labelset } from './fleet.ts';
import { createGivenReader } from './given.ts';
import { createHolds } from './holds.ts';
import { createImpact } from './impact.ts';
import { createLockStore } from './lock-store.ts';
import { noSupply } from './no-supply.ts';
import { createPackageAnswers } from './package-answers.ts';
import { createPass } from './pass.ts';
import { type PackageSupply, type PlanInputs, planWorld, type SpecSource } from './plan-inputs.ts';
import type { Planner } from './planner.ts';
import { createPoints } from './points.ts';
import { createPublisher } from './publisher.ts';
import { createReconcile } from './reconcile.ts';
import { createRenewals } from './renewals.ts';
import { createSlices } from './slices.ts';
import { createSpecLocks } from './spec-locks.ts';
import { createWaiters } from './waiters.ts';
import { createWorkQueue, noWork, type Work } from './work-queue.ts';

export interface PlannerOptions {
  store: Store;
  devices: Devices;
  specs: SpecSource;
  packets: Packets;
  /** Sources and their packages; by default there are none. */
  supply?: PackageSupply;
  /** A promotion may take packets from up to this percentage of all devices unconfirmed; 20 by default. */
  removalPercent?: number;
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  random: Random;
  events: Pick<Events, 'add'>;
  log: Log;
  /** The identity of the store's lineage. */
  epoch: string;
  /** How long a document may be accepted, in ms; 7 days by default. */
  documentLifeMs?: number;
  /** How often everything is looked at again, in ms, give or take a quarter; 10 minutes by default. */
  resyncMs?: number;
  /** Signs documents; by default they carry no signature. */
  sign?: Sign;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The planner over the store. */
export function createPlanner(options: PlannerOptions): Planner {
  const { store, devices, packets, bus, clock, random, log } = options;
  const holds = createHolds(store, options.specs);
  const specs = { all: holds.specs };
  const supply = options.supply ?? noSupply;
  const fleet = new Fleet();
  const history = createLockHistory(store);
  const locks = createBindingLocks({ history, clock, events: options.events });
  const lockStore = createLockStore(store);
  const inputs: PlanInputs = { specs, packets, supply, locks };
  const bodies = createBodies(store);
  const points = createPoints({ store, bodies });
  const lifeMs = options.documentLifeMs ?? 7 * DAY_MS;
  const deciding = createDeciding({ points, bodies, clock, epoch: options.epoch, lifeMs });
  const waiters = createWaiters(clock);
  const slices = () => createSlices(clock);
  const listeners = new Set<(devices: readonly string[]) => void>();
  const publisher = createPublisher({
    bus,
    message: (device) => delivery.message(device),
    slices: slices(),
    log,
  });
  const reconcile = createReconcile({
    fleet,
    points,
    bodies,
    deciding,
    devices,
    events: options.events,
    slices: slices(),
    changed(changes) {
      for (const device of changes) waiters.notify(device);
      for (const listener of listeners) listener(changes);
    },
    publish: (changes) => publisher.add(changes),
  });
  const asking = createAsking({ fleet, points, deciding, applied: reconcile.applied });
  const delivery = createDelivery({
    fleet,
    bodies,
    points,
    deciding,
    applied: reconcile.applied,
    sign: options.sign ?? (() => []),
    log,
  });
  const impact = createImpact({ fleet, inputs, devices, bodies, slices: slices() });
  const removalPercent = options.removalPercent ?? 20;
  const renewals = createRenewals({
    ...{ fleet, holds, locks, impact, clock, events: options.events },
    ...{ devices: () => devices.size(), percent: removalPercent },
  });
  const pass = createPass({
    ...{ fleet, inputs, devices, locks, lockStore, renewals, slices: slices() },
    given: () => createGivenReader({ bodies, history, lockText: lockStore.text }),
    comparison: () => createComparison({ bodies, devices, packets }),
    placed: reconcile.adopt,
  });
  const bringAbout = async (work: Work): Promise<readonly Labelset[]> => {
    const result = await pass.run(work);
    await reconcile.run(result);
    await lockStore.collect(usedLocks());
    specLocks.planned(result.planned);
    return result.planned;
  };
  const queue = createWorkQueue({
    async run(work) {
      const planned = await bringAbout(work);
      const resumed = new Set(await renewals.review(planned));
      if (resumed.size > 0) await bringAbout({ ...noWork(), resumed });
      renewals.tell();
    },
    clock,
    random,
    log,
  });
  const specsChoosing = createChoosing({ fleet, inputs, devices, planned: () => queue.idle() });
  const specLocks = createSpecLocks({
    ...{ fleet, inputs, locks, history, impact, clock, log, events: options.events },
    slices: slices(),
    devices: () => devices.size(),
    ...{ removalPercent, holds },
    quiet: () => queue.settled(),
    promoted: (spec) => queue.add((work) => work.specs.add(spec)),
  });
  const answers = createPackageAnswers({
    labelsOf: (device) => devices.get(device)?.labels,
    plannedLabels: (device) => fleet.member(device)?.labelset.labels,
    candidates: (labels) => indexSpecs([...specs.all()]).candidates(labels),
    world: () => planWorld(inputs),
  });
  /** Locks that a labelset's plan or a device's state names. */
  const usedLocks = (): Set<string> => {
    const used = new Set<string>();
    for (const { outcome } of fleet.labelsets())
      if (outcome?.body.lock) used.add(outcome.body.lock.digest);
    for (const { lock } of bodies.all()) if (lock) used.add(lock.digest);
    return used;
  };
  const bodyAt = (device: string) => bodies.get(fleet.member(device)?.point?.body ?? '');
  let endings: (() => void)[] = [];

  const resyncLater = (): (() => void) => {
    let cancel = (): void => {};
    const arm = (): void => {
      cancel = clock.after((options.resyncMs ?? 600_000) * (0.75 + random() / 2), () => {
        queue.add((work) => {
          work.all = true;
        });
        arm();
      });
    };
    arm();
    return () => cancel();
  };

  return {
    async start() {
      endings = [
        options.specs.onChange(() => queue.add(() => {})),
        packets.onChange((name) => queue.add((work) => work.packets.add(name))),
        supply.onDocuments(() => queue.add(() => {})),
        supply.onRefresh((ids) =>
          queue.add((work) => {
            for (const id of ids) work.sources.add(id);
          }),
        ),
        devices.onChange(({ device }) => queue.add((work) => work.devices.add(device))),
      ];
      await holds.load();
      await lockStore.load();
      await reconcile.load();
      queue.add((work) => {
        work.all = true;
      });
      await queue.start();
      endings.push(resyncLater());
    },
    async stop() {
      for (const end of endings) end();
      endings = [];
      await queue.stop();
      await specLocks.stop();
      waiters.stop();
      await publisher.stop();
    },
    async settled() {
      await queue.settled();
      await publisher.flushed();
    },
    desiredOf(device) {
      const member = fleet.member(device);
      if (!member?.point) return undefined;
      const { revision, digest, held } = member.point;
      return {
        revision,
        digest,
        held,
        etag: etagOf(member.point),
        problems: member.labelset.problems,
      };
    },
    async document(device) {
      await delivery.refresh(device);
      return delivery.document(device);
    },
    async message(device) {
      await delivery.refresh(device);
      return delivery.message(device);
    },
    async waitForChange(device, etag, ms, signal) {
      await delivery.refresh(device);
      const point = fleet.member(device)?.point;
      if (point && etagOf(point) !== etag) return true;
      return waiters.wait(device, ms, signal);
    },
    wants(device, packet) {
      return bodyAt(device)?.lines.some((line) => !isKept(line) && line.id === packet) ?? false;
    },
    wantsLock: (device, digest) => bodyAt(device)?.lock?.digest === digest,
    wantsSecret: (device, name) => bodyAt(device)?.secrets.includes(name) ?? false,
    lock: lockStore.text,
    resolveFor: answers.resolveFor,
    resolve: answers.resolve,
    offers: answers.offers,
    sourcesOf: (labels) => applyingSources(supply.world(), labels),
    updates: specLocks.updates,
    holds: holds.list,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    compute: (labels, given) => {
      const candidates = given ?? indexSpecs([...specs.all()]).candidates(labels);
      return planView(planLabelset(labels, candidates, planWorld(inputs)));
    },
    explain(device, app) {
      const entry = devices.get(device);
      if (!entry) return undefined;
      return { device, ...explainLabels(entry.labels, [...specs.all()], planWorld(inputs), app) };
    },
    impactOfDocuments: (changes) => impact.documents(changes),
    impactOfLabels: (device, labels) => impact.labels(device, labels),
    approveRemoval: (device) => reconcile.approve(device),
    retry: (device) => asking.ask(device, 'retry'),
    refresh: (device) => asking.ask(device, 'check'),
    specsChoosing,
  };
}

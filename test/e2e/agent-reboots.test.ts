import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentWorld, leftovers, startWorld } from '../support/agent-world.ts';
import { type AgentProcess, until } from '../support/fleet.ts';

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
  for (const version of ['1', '2'])
    await world.put({
      name: 'kernel',
      labels: { version },
      data: { 'boot/kernel': version },
      ...(version === '2' && { control: { reboot: 'required' as const } }),
    });
});
afterAll(() => world?.stop());

/** A device that reboots as a machine does: its boot has another id, and the agent is killed without warning. */
class Machine {
  readonly id: string;
  readonly bootId: string;
  readonly boots: string;
  agent: AgentProcess;

  constructor(id: string, reboot = rebootOf(id)) {
    this.id = id;
    this.bootId = world.path(`${id}.boot`);
    this.boots = world.path(`${id}.boots`);
    writeFileSync(this.bootId, 'boot-0');
    this.reboot = reboot;
    this.agent = this.started();
  }

  private readonly reboot: string;

  started(): AgentProcess {
    const args = ['--boot-id', this.bootId, '--reboot', this.reboot];
    this.agent = world.start(this.id, { args });
    return this.agent;
  }

  /** Waits until the agent was killed by a reboot. */
  async wentDown(): Promise<void> {
    const { process } = this.agent.running;
    await until(
      () => process.signalCode === 'SIGKILL',
      () => `${this.id} never rebooted: ${this.agent.running.stderr()}`,
    );
  }

  /** The power fails: the agent is killed, and the next boot has another id. */
  async powerFails(boot: string): Promise<void> {
    await this.agent.stop('SIGKILL');
    writeFileSync(this.bootId, boot);
  }

  kernel(): string {
    return readFileSync(join(this.agent.root, 'boot/kernel'), 'utf8');
  }

  /** The journal is empty, and nothing lies about. */
  expectClean(): void {
    expect(existsSync(join(this.agent.state, 'journal'))).toBe(false);
    expect(leftovers(this.agent.root)).toEqual([]);
  }
}

const rebootOf = (id: string): string =>
  [
    `echo boot >> ${world.path(`${id}.boots`)}`,
    `echo boot-$(wc -l < ${world.path(`${id}.boots`)}) > ${world.path(`${id}.boot`)}`,
    'kill -KILL $PPID',
  ].join('; ');

const want = (id: string, version: string, spec: object = {}): Promise<void> =>
  world.want(id, [{ name: 'kernel', labels: { version } }], spec);

/** A machine with the first kernel. */
async function machineWith(id: string, reboot?: string): Promise<Machine> {
  const machine = new Machine(id, reboot);
  await world.reaches(machine.agent, ({ desired }) => desired !== null);
  await want(id, '1');
  await world.converged(machine.agent);
  return machine;
}

const health = (command: string) => ({
  health: { checks: [{ command }], timeout: '5s', retries: 0 },
});

describe('a packet that asks for a reboot', () => {
  it('is committed once the machine has rebooted and is well', async () => {
    const machine = await machineWith('well');
    await want('well', '2', health(`test "$(cat ${machine.bootId})" = boot-1`));
    await machine.wentDown();
    expect(existsSync(join(machine.agent.state, 'journal'))).toBe(true);
    machine.started();
    await world.converged(machine.agent);
    expect(machine.kernel()).toBe('2');
    machine.expectClean();
    expect(readFileSync(machine.boots, 'utf8')).toBe('boot\n');
  });

  it('is waited for by an agent that only restarts itself', async () => {
    const machine = await machineWith('patient', ':');
    await want('patient', '2');
    await world.reaches(
      machine.agent,
      ({ phase, reported }) => phase === 'rebooting' && typeof reported?.retryAt === 'string',
    );
    await machine.agent.stop('SIGKILL');
    machine.started();
    await world.reaches(machine.agent, ({ phase }) => phase === 'rebooting');
    await machine.powerFails('boot-9');
    machine.started();
    await world.converged(machine.agent);
    expect(machine.kernel()).toBe('2');
    machine.expectClean();
  });

  it('is taken back, with another reboot, where the machine is not well after it', async () => {
    const machine = await machineWith('unwell');
    await want('unwell', '2', health(`echo no screen; test "$(cat ${machine.bootId})" = boot-0`));
    await machine.wentDown();
    machine.started();
    await machine.wentDown();
    expect(machine.kernel()).toBe('1');
    machine.started();
    const view = await world.reaches(machine.agent, ({ phase }) => phase === 'rolled-back');
    expect(view.reason).toContain('no screen');
    expect(machine.kernel()).toBe('1');
    machine.expectClean();
    expect(readFileSync(machine.boots, 'utf8')).toBe('boot\nboot\n');
  });

  it('is taken back after three boots in which the agent could not say that all is well', async () => {
    const machine = await machineWith('circles');
    const marker = world.path('circles.asked');
    await want('circles', '2', {
      health: { checks: [{ command: `echo asked >> ${marker}; sleep 60` }], timeout: '90s' },
    });
    await machine.wentDown();
    const asked = (): number =>
      existsSync(marker) ? readFileSync(marker, 'utf8').trim().split('\n').length : 0;
    for (const boot of [1, 2, 3]) {
      machine.started();
      await until(
        () => asked() === boot,
        () => machine.agent.running.stderr(),
      );
      await machine.powerFails(`again-${boot}`);
      expect(machine.kernel()).toBe('2');
    }
    machine.started();
    await until(() => machine.kernel() === '1');
    await machine.wentDown();
    machine.started();
    await world.reaches(machine.agent, ({ phase }) => phase === 'rolled-back');
    expect(machine.kernel()).toBe('1');
    machine.expectClean();
    expect(asked()).toBe(3);
  });
});

describe('a spec that leaves reboots to a person', () => {
  it('has its packet committed at once, and tells that a reboot is due', async () => {
    const machine = await machineWith('manned');
    await want('manned', '2', { reboot: 'never' });
    const view = await world.reaches(
      machine.agent,
      ({ converged, reported }) => converged && reported?.rebootPending === true,
    );
    expect(view.phase).toBe('idle');
    expect(machine.kernel()).toBe('2');
    expect(existsSync(machine.boots)).toBe(false);
    machine.expectClean();
  });
});

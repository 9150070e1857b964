import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import { until } from '../support/fleet.ts';

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const isAlive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};

/** Says when it begins and ends, and counts until something lets it end. */
const slow = (last: string) => `#!/bin/sh
echo "$$" > "$JAMESD_ROOT/pid"
trap 'echo "postinst ended" >> "$JAMESD_ROOT/log"; exit 1' TERM
echo "postinst begins" >> "$JAMESD_ROOT/log"
${last}
echo "postinst went on" >> "$JAMESD_ROOT/log"
`;
const counterpart = `#!/bin/sh
grep -q ") [^Z]" "/proc/$(cat "$JAMESD_ROOT/pid")/stat" 2> /dev/null && state=running
echo "postrm \${state:-alone}" >> "$JAMESD_ROOT/log"
`;

describe('a script that runs on after its agent was killed', () => {
  it.each([
    ['waits', 'n=0; while [ $n -lt 600 ]; do sleep 0.1; n=$((n + 1)); done'],
    ['has become another program', 'exec sleep 60'],
    [
      'does not want to end',
      "trap '' TERM; n=0; while [ $n -lt 600 ]; do sleep 0.1; n=$((n + 1)); done",
    ],
  ])('is ended before its counterpart runs, even if it %s', async (what, last) => {
    const device = `leftover-${what.replaceAll(' ', '-')}`;
    const agent = await world.join(device);
    await world.put({
      name: device,
      data: { [device]: 'x' },
      scripts: { postinst: slow(last), postrm: counterpart },
    });
    await world.want(device, [{ name: device }]);
    const pidFile = join(agent.root, 'pid');
    const noted = join(agent.state, 'scripts-running');
    const pid = await until(
      () => existsSync(pidFile) && (Number(readFileSync(pidFile, 'utf8')) || undefined),
    );
    await until(() => existsSync(noted) && readFileSync(noted, 'utf8').includes(` ${pid} `));
    await agent.stop('SIGKILL');
    expect(isAlive(pid)).toBe(true);

    // Without a server the packet is not tried again.
    const away = { http: 'http://127.0.0.1:1', mqtt: 'mqtt://127.0.0.1:1' };
    const again = world.start(device, { server: away });
    const log = () => readFileSync(join(agent.root, 'log'), 'utf8');
    await until(
      () => log().includes('postrm'),
      () => again.running.stderr(),
    );
    expect(isAlive(pid)).toBe(false);
    expect(log()).toContain('postrm alone');
    expect(log()).not.toContain('went on');
    await until(() => !existsSync(join(agent.state, 'journal')));
    expect(existsSync(join(agent.root, device))).toBe(false);
    expect(existsSync(noted)).toBe(false);
    await again.stop();
  });
});

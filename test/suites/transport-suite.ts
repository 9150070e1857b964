import { describe, expect, it, onTestFinished } from 'vitest';
import type { LinkState, Transport } from '../../agent/transports/transport.ts';
import { JamesError } from '../../proto/errors.ts';
import { until } from '../support/until.ts';

/** A transport with a server that does as the test says. */
export interface TransportFixture {
  transport: Transport;
  /** Makes this the device's desired state. */
  publish(content: string): void;
  /** Reports that the server has, in order. */
  reports(): string[];
  /** The server does not acknowledge reports until it is told to. */
  holdReports(yes: boolean): void;
  /** The server's port is closed, or open again. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Ends the connections that are. */
  cut(): void;
  refuseCredentials(): void;
  close(): Promise<void>;
  /** How many ways to the server there are. */
  ways?: number;
}

/** What went through a transport's handlers. */
export interface Witness {
  desired: string[];
  states: LinkState[];
  start(): void;
  connected(): boolean;
}

export function witness(transport: Transport): Witness {
  const seen: Witness = {
    desired: [],
    states: [],
    start: () =>
      transport.start({
        desired: (content) => seen.desired.push(Buffer.from(content).toString()),
        state: (state) => seen.states.push(state),
      }),
    connected: () => seen.states.at(-1)?.kind === 'connected',
  };
  return seen;
}

/** The contract of agent/transports/transport.ts. */
export function transportSuite(name: string, create: () => Promise<TransportFixture>): void {
  const begin = async (): Promise<TransportFixture & { seen: Witness }> => {
    const fixture = await create();
    onTestFinished(async () => {
      await fixture.transport.stop();
      await fixture.close();
    });
    return { ...fixture, seen: witness(fixture.transport) };
  };
  const report = (transport: Transport, text: string): Promise<void> =>
    transport.report(Buffer.from(text));

  describe(`the transport over ${name}`, () => {
    it('delivers the desired state that is there when it connects, and each new one', async () => {
      const { publish, seen } = await begin();
      publish('first');
      seen.start();
      await until('the first arrives', () => seen.desired.includes('first'));
      expect(seen.connected()).toBe(true);
      publish('second');
      await until('the second arrives', () => seen.desired.at(-1) === 'second');
    });

    it('has sent a report when the server acknowledged it, not before', async () => {
      const { transport, publish, holdReports, reports, seen } = await begin();
      publish('desired');
      seen.start();
      await until('connected', seen.connected);
      holdReports(true);
      let sent = false;
      const sending = report(transport, 'one').then(() => {
        sent = true;
      });
      await until('the report arrived', () => reports().includes('one'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(sent).toBe(false);
      holdReports(false);
      await sending;
    });

    it('rejects a report whose connection ends before the acknowledgement', async () => {
      const { transport, publish, holdReports, reports, cut, seen } = await begin();
      publish('desired');
      seen.start();
      await until('connected', seen.connected);
      holdReports(true);
      const sending = report(transport, 'one').then(
        () => null,
        (error: unknown) => error,
      );
      await until('the report arrived', () => reports().includes('one'));
      cut();
      const error = await sending;
      expect(error instanceof JamesError && error.code).toBe('server-unreachable');
    });

    it('connects anew after a cut and delivers what changed meanwhile', async () => {
      const { publish, down, up, seen } = await begin();
      publish('first');
      seen.start();
      await until('the first arrives', () => seen.desired.includes('first'));
      await down();
      await until('noticed', () => !seen.connected());
      publish('second');
      await up();
      await until('the second arrives', () => seen.desired.at(-1) === 'second');
      expect(seen.connected()).toBe(true);
    });

    it('waits for a server that is not there yet', async () => {
      const { transport, publish, down, up, seen } = await begin();
      await down();
      publish('desired');
      seen.start();
      await until('refused', () => seen.states.length > 0);
      expect(seen.states[0]).toMatchObject({ kind: 'disconnected', cause: 'refused', upMs: 0 });
      await expect(report(transport, 'one')).rejects.toMatchObject({ code: 'server-unreachable' });
      await up();
      await until('the desired state arrives', () => seen.desired.includes('desired'));
    });

    it('says that credentials are refused, and does not hurry then', async () => {
      const { refuseCredentials, seen, ways: tries = 1 } = await begin();
      refuseCredentials();
      seen.start();
      await until('refused by all', () => seen.states.length >= tries);
      expect(seen.states.map((state) => state.kind === 'disconnected' && state.cause)).toEqual(
        Array(tries).fill('credentials'),
      );
    });

    it('is silent after stop, and can be started again', async () => {
      const { transport, publish, seen } = await begin();
      publish('first');
      seen.start();
      await until('connected', seen.connected);
      await transport.stop();
      const before = seen.states.length + seen.desired.length;
      publish('second');
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen.states.length + seen.desired.length).toBe(before);
      seen.start();
      await until('the second arrives', () => seen.desired.includes('second'));
    });
  });
}

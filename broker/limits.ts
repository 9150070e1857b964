/** What the broker allows; every number bounds memory, time or work that somebody outside could demand. */
export interface BrokerLimits {
  /** Largest MQTT packet (its remaining length) in bytes, before and after CONNECT. */
  packetBytes: number;
  /** Connections of all kinds at once. */
  connections: number;
  /** Sockets of one address that have not sent CONNECT yet; a whole fleet behind one address may come at once. */
  silentPerAddress: number;
  /** Time until CONNECT must have arrived. */
  connectMs: number;
  /** Time for the hook `authenticate`. */
  authenticateMs: number;
  /** Connects admitted per second, and how many at once after a rest. */
  connectsPerSecond: number;
  connectBurst: number;
  /** Connects that wait for admission: all, those of one address, and for how long before they are refused. */
  connectsWaiting: number;
  connectsWaitingPerAddress: number;
  connectWaitMs: number;
  /** Longest keep-alive; a longer one, or none, counts as this. */
  keepaliveSeconds: number;
  /** Publishes of one client per second, and how many at once after a rest; beyond, its socket is read more slowly. */
  publishesPerSecond: number;
  publishBurst: number;
  subscriptionsPerClient: number;
  /** Bytes waiting for one reader, and for all slow readers together, before they are cut. */
  backlogBytes: number;
  totalBacklogBytes: number;
  /** Time in which a slow reader must make progress. */
  drainMs: number;
  /** Messages of QoS 1 sent to a client that it has not acknowledged. */
  unacknowledged: number;
  /** Own publishes handed out in one turn of the event loop; further ones wait. */
  publishesPerTurn: number;
}

export const defaultLimits: BrokerLimits = {
  packetBytes: 64 * 1024,
  connections: 60_000,
  silentPerAddress: 20_000,
  connectMs: 10_000,
  authenticateMs: 5000,
  connectsPerSecond: 5000,
  connectBurst: 64,
  connectsWaiting: 20_000,
  connectsWaitingPerAddress: 12_000,
  connectWaitMs: 8000,
  keepaliveSeconds: 600,
  publishesPerSecond: 200,
  publishBurst: 1000,
  subscriptionsPerClient: 5000,
  backlogBytes: 1024 * 1024,
  totalBacklogBytes: 256 * 1024 * 1024,
  drainMs: 15_000,
  unacknowledged: 20_000,
  publishesPerTurn: 500,
};

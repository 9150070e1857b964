import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A figure that is asked for when somebody reads the metrics. */
export interface GaugeReading {
  /** Begins with `jamesd_`. */
  name: string;
  help: string;
  value: number;
  labels?: Readonly<Record<string, string>>;
}

export interface Metrics {
  /** Measures every answer of the app, by route, method and status. */
  observe(app: FastifyInstance): void;
  /** All figures in Prometheus' text format. */
  text(): Promise<string>;
  contentType: string;
}

/** The server's figures: of the process, of its answers, and those that `gauges` gives. */
export function createMetrics(gauges: () => readonly GaugeReading[]): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const answers = new Histogram({
    name: 'jamesd_http_request_duration_seconds',
    help: 'Time from the request to the end of the answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300],
    registers: [registry],
  });

  return {
    contentType: registry.contentType,
    observe(app) {
      app.addHook('onResponse', async (request, reply) => {
        const route = request.routeOptions.url ?? 'none';
        const { method } = request;
        answers.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
      });
    },
    async text() {
      read(registry, gauges());
      return registry.metrics();
    },
  };
}

function read(registry: Registry, readings: readonly GaugeReading[]): void {
  for (const { name } of readings) registry.removeSingleMetric(name);
  const made = new Map<string, Gauge>();
  for (const { name, help, value, labels = {} } of readings) {
    const labelNames = Object.keys(labels);
    const gauge = made.get(name) ?? new Gauge({ name, help, labelNames, registers: [registry] });
    made.set(name, gauge);
    gauge.set(labels, value);
  }
}

import { JamesError } from '../../proto/errors.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of `500ms`, `30s`, `1h30m`, `7d`. A number without a unit is refused, as nobody can know which was meant. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  const total = parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
  if (length === 0 || length !== text.length || total > Number.MAX_SAFE_INTEGER) {
    throw new JamesError(
      'usage',
      `${JSON.stringify(text)} is not a duration; write a number with a unit, such as 500ms, 30s, 5m, 24h or 7d.`,
    );
  }
  return Math.round(total);
}

/** A time span for people, in its largest two units: `12s`, `3m`, `2h5m`, `4d`. Milliseconds in; never negative. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  return `${Math.floor(hours / 24)}d`;
}

/** Bytes for people: `512 B`, `1.4 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

import {
  SOURCE_STATUS_SCHEMA,
  type SourceStatusMessage,
  type SourceStatusView,
} from '../../proto/source-status.ts';
import type { SourceStatus } from './catalogue.ts';

/** The status as it leaves the server. */
export function statusView(status: SourceStatus): SourceStatusView {
  const indexes = status.indexes.map((index) => ({
    ...index,
    date: timeOf(index.date),
    validUntil: timeOf(index.validUntil),
    fetchedAt: timeOf(index.fetchedAt) ?? '',
  }));
  return { ...withoutIndexes(status), indexes };
}

/** The status for viewers, with a line of progress. */
export function statusMessage(status: SourceStatus, line: string | null): SourceStatusMessage {
  const { schema, ...rest } = { schema: SOURCE_STATUS_SCHEMA, ...withoutIndexes(status) } as const;
  return { schema, ...rest, line: line?.slice(0, 4096) ?? null };
}

function withoutIndexes({ indexes: _indexes, ...status }: SourceStatus) {
  const { lastGoodAt, lastTriedAt, nextAt } = status;
  return {
    ...status,
    lastGoodAt: timeOf(lastGoodAt),
    lastTriedAt: timeOf(lastTriedAt),
    nextAt: timeOf(nextAt),
  };
}

function timeOf(time: number | null): string | null {
  if (time === null) return null;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

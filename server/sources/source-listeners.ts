import type { Log } from '../../proto/log.ts';
import type { Catalogue } from './catalogue.ts';

/** Those who follow the catalogue. One that fails does not keep the others from hearing. */
export interface SourceListeners extends Pick<Catalogue, 'onChange' | 'onStatus'> {
  /** Other universes were swapped in. */
  changed(id: string): void;
  /** The status is another one, or there is a line of progress. */
  status(id: string, line?: string | null): void;
}

export function createSourceListeners(log: Log): SourceListeners {
  const changes = new Set<(ids: readonly string[]) => void>();
  const statuses = new Set<(id: string, line: string | null) => void>();
  const each = <Listener>(all: ReadonlySet<Listener>, call: (listener: Listener) => void): void => {
    for (const listener of all) {
      try {
        call(listener);
      } catch (cause) {
        log.error({ err: cause }, 'What follows the sources failed.');
      }
    }
  };
  return {
    changed: (id) => each(changes, (listener) => listener([id])),
    status: (id, line = null) => each(statuses, (listener) => listener(id, line)),
    onChange(listener) {
      changes.add(listener);
      return () => changes.delete(listener);
    },
    onStatus(listener) {
      statuses.add(listener);
      return () => statuses.delete(listener);
    },
  };
}

/**
 * Which transport the agent uses. MQTT is preferred; HTTP begins when an attempt at MQTT failed and ends when MQTT works
 * again. States and events are values; the shell starts and stops HTTP as `http` says.
 */
export interface Choice {
  /** `off`: not configured. `trying`: no verdict yet. `up`: subscribed. `down`: failed since it last worked. */
  mqtt: 'off' | 'trying' | 'up' | 'down';
  /** HTTP is to run. */
  http: boolean;
}

export type ChoiceEvent =
  | { kind: 'up' }
  /** An attempt ended before the subscription stood: refused, no CONNACK in time, or credentials not taken. */
  | { kind: 'failed' }
  /** A subscribed connection ended after `upMs`. */
  | { kind: 'lost'; upMs: number };

/** A connection that lived shorter than this did not work: what cut it will cut the next one too. */
export const STABLE_MS = 30_000;

export const firstChoice = (mqtt: 'on' | 'off'): Choice =>
  mqtt === 'off' ? { mqtt: 'off', http: true } : { mqtt: 'trying', http: false };

export function nextChoice(choice: Choice, event: ChoiceEvent): Choice {
  if (choice.mqtt === 'off') return choice;
  switch (event.kind) {
    case 'up':
      return { mqtt: 'up', http: false };
    case 'failed':
      return { mqtt: 'down', http: true };
    case 'lost':
      return event.upMs >= STABLE_MS
        ? { mqtt: 'trying', http: false }
        : { mqtt: 'down', http: true };
  }
}

import { hash } from 'node:crypto';
import { labelsKey, overlay } from '../../proto/labels.ts';
import type { DeviceEntry } from '../registry/devices.ts';

/** A short text that changes when the labels change that the device itself gives: facts and configured ones. */
export function ownLabelsMark({ labelSources: { facts, config } }: DeviceEntry): string {
  return hash('sha256', labelsKey(overlay(facts, config)), 'hex').slice(0, 16);
}

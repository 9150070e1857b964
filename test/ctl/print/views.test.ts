import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deviceDetails, labelTable } from '../../../ctl/print/device-details.ts';
import { deviceLine } from '../../../ctl/print/device-line.ts';
import { deviceTable, stoppedLines } from '../../../ctl/print/device-view.ts';
import { documentDiff } from '../../../ctl/print/diff-view.ts';
import { documentText, revisionTable } from '../../../ctl/print/document-view.ts';
import { explanationView } from '../../../ctl/print/explanation-view.ts';
import { eventTable, generationTable, tokenTable } from '../../../ctl/print/history-view.ts';
import { changesTable, impactView } from '../../../ctl/print/impact-view.ts';
import { layOut } from '../../../ctl/print/layout.ts';
import { lockDiffView } from '../../../ctl/print/lock-diff-view.ts';
import { offerTable, resolveView, whyView } from '../../../ctl/print/package-view.ts';
import { packetDetailsView, packetTable } from '../../../ctl/print/packet-view.ts';
import { planView } from '../../../ctl/print/plan-view.ts';
import { secretTable, sourceTable } from '../../../ctl/print/source-view.ts';
import { lockTable, specLockView, updatesView } from '../../../ctl/print/spec-lock-view.ts';
import { mergedSpecView, specTable } from '../../../ctl/print/spec-view.ts';
import { lines, type View } from '../../../ctl/print/view.ts';
import { oneLine, widthOf } from '../../../ctl/print/width.ts';
import type { SourceView, SpecView } from '../../../proto/document-views.ts';
import * as data from './fixtures.ts';
import * as packages from './package-fixtures.ts';

const { now } = data;
const [spec] = data.specs as [(typeof data.specs)[number]];
const [source] = data.sources as [(typeof data.sources)[number]];
const titles = new Map([[data.packets[0]?.id ?? '', 'logger 1.1.0 (arch=armv7l)']]);
const versions = new Map([[data.packets[0]?.id ?? '', '1.1.0']]);

function documentOf<View extends SpecView | SourceView>(view: View) {
  const { kind, revision, updatedAt, author, message, ...document } = view;
  return document;
}

/** Every view that a command prints, with data that has all its cases. */
const views: Record<string, View> = {
  packets: packetTable(data.packets, now),
  packet: packetDetailsView({
    id: data.packets[0]?.id ?? '',
    size: 123_456,
    uploadedAt: '2026-02-28T10:00:00.000Z',
    installedBytes: 345_678,
    control: {
      name: 'logger',
      labels: { version: '1.1.0', arch: 'armv7l' },
      description: 'ships logs to the hub',
      depends: [
        { name: 'libhub', version: '>=2' },
        { name: 'shell', labels: { variant: 'small' } },
      ],
      config: ['/etc/logger.conf'],
      ...{ driver: 'ab-image', reboot: 'required' },
      health: { timeout: '30s', retries: 3 },
      scripts: { timeout: '30m' },
    },
    scripts: [{ name: 'postinst', text: '#!/bin/sh\nset -eu\nsystemctl restart logger\n' }],
    files: [
      {
        path: '/usr/bin/logger',
        type: 'file',
        mode: 0o4755,
        uid: 0,
        gid: 0,
        size: 34_567,
        linkTarget: null,
      },
      {
        path: '/usr/bin/log',
        type: 'symlink',
        mode: 0o777,
        uid: 0,
        gid: 0,
        size: 0,
        linkTarget: 'logger',
      },
      {
        path: '/usr/bin/ship',
        type: 'hardlink',
        mode: 0o755,
        uid: 0,
        gid: 0,
        size: 0,
        linkTarget: '/usr/bin/logger',
      },
      {
        path: '/var/spool/logger',
        type: 'directory',
        mode: 0o1770,
        uid: 101,
        gid: 4,
        size: 0,
        linkTarget: null,
      },
    ],
  }),
  specs: specTable(data.specs, now),
  spec: documentText(spec),
  'spec-revisions': revisionTable(data.revisions, now),
  'spec-diff': documentDiff(
    'Spec',
    'logger-spec',
    documentOf({ ...spec, apps: [] }),
    documentOf(spec),
  ),
  sources: sourceTable(data.sources, now),
  source: documentText(source),
  'source-revisions': revisionTable(data.sourceRevisions, now),
  'source-diff': documentDiff(
    'Source',
    source.id,
    documentOf(source),
    documentOf({ ...source, suite: 'trixie' }),
  ),
  secrets: secretTable(data.secrets, now),
  'spec-merged': mergedSpecView(data.plan.spec),
  'spec-merged-policy': mergedSpecView({
    ...{ ids: ['base', 'logger-spec'], apps: [] },
    policy: data.explanation.policy,
  }),
  'spec-merged-packages': mergedSpecView(data.mergedPackages),
  'package-resolve': resolveView(packages.answer, false),
  'package-debug': resolveView(packages.answer, true),
  'package-none': resolveView(packages.nothing, false),
  'package-why': [...packages.prerequisite, ...packages.wanted].map((one) =>
    whyView('buoy-17', one),
  ),
  'package-search': offerTable(packages.offers, true),
  'package-versions': offerTable(packages.offers, false),
  'spec-lock': specLockView(packages.lock, now),
  'spec-locks': lockTable(packages.locks, now),
  'spec-lock-diff': lockDiffView(packages.lockDiff, now),
  'spec-lock-diff-same': lockDiffView(packages.noLockDiff, now),
  'spec-updates': updatesView(packages.updates),
  'spec-updates-held': updatesView(packages.heldUpdates),
  'spec-no-updates': updatesView(packages.noUpdates),
  'explain-packages': explanationView(packages.explanation),
  devices: [deviceTable(data.devices, versions, now), ...stoppedLines(data.devices)],
  device: deviceDetails(data.devices[0] as (typeof data.devices)[number], titles, now),
  'device-failed': deviceDetails(data.devices[1] as (typeof data.devices)[number], new Map(), now),
  'device-waiting': data.devices
    .filter(({ id }) => /^gate-[345]/.test(id))
    .map((device) => deviceDetails(device, titles, now)),
  'device-labels': labelTable(data.devices[0] as (typeof data.devices)[number]),
  'device-watch': lines(...data.devices.map((device) => oneLine(deviceLine(device, now)))),
  apply: [changesTable(data.applyResult)],
  plan: impactView(data.impact),
  'plan-policy': impactView({
    ...data.noImpact,
    ...{ devices: 3, otherPolicy: 3 },
    labelsets: [
      {
        ...{ labels: {}, devices: 3, installs: [], upgrades: [], removals: [], problems: [] },
        packages: { installs: [], upgrades: [], removals: [] },
        policy: [
          { field: 'windows', from: null, to: [{ apply: [{ at: '02:00', duration: '3h' }] }] },
          { field: 'health', from: { checks: [] }, to: null },
          { field: 'drift', from: null, to: 'repair' },
          { field: 'downgrade', from: false, to: true },
        ],
      },
    ],
  }),
  'plan-sources': impactView({ ...data.noImpact, devices: 3, otherSources: 3 }),
  compute: planView(data.plan),
  explain: explanationView(data.explanation),
  'explain-nothing': explanationView({
    ...data.explanation,
    ...{ apps: [], packages: [], problems: [] },
  }),
  'explain-one': explanationView(
    { ...data.explanation, apps: data.explanation.apps.slice(0, 1) },
    'logger',
  ),
  history: generationTable(data.generations, now),
  events: eventTable(data.events),
  tokens: tokenTable(data.tokens, now),
};

/** Lines of streams and of documents are not cut: they are for reading on, or for a program. */
const uncut = new Set(['device-watch', 'spec', 'spec-diff', 'source', 'source-diff', 'packet']);

describe('views', () => {
  it.each(Object.entries(views))('%s look as they did', async (name, view) => {
    const parts = [80, 120].map((width) => {
      const rows = layOut(view, { width, colour: false, wide: width === 120 });
      return [`${'-'.repeat(width - 4)} ${width}`, ...rows, ''].join('\n');
    });
    const file = resolve(import.meta.dirname, '../../golden/ctl', `${name}.txt`);
    await expect(parts.join('\n')).toMatchFileSnapshot(file);
  });

  it.each(Object.entries(views).filter(([name]) => !uncut.has(name)))(
    '%s fit 80 columns',
    (_name, view) => {
      const rows = layOut(view, { width: 80, colour: false, wide: false });
      expect(rows.filter((row) => widthOf(row) > 80)).toEqual([]);
    },
  );

  it.each(Object.entries(views))('%s say the same without colour', (_name, view) => {
    const page = { width: 80, wide: false };
    const coloured = layOut(view, { ...page, colour: true }).join('\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours
    const stripped = coloured.replace(/\u001b\[\d+m/g, '');
    expect(stripped.split('\n').map((row) => row.trimEnd())).toEqual(
      layOut(view, { ...page, colour: false }).map((row) => row.trimEnd()),
    );
  });

  it('never let a device drive the terminal', () => {
    for (const view of Object.values(views)) {
      const text = layOut(view, { width: 80, colour: false, wide: true }).join('\n');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
  });
});

import type {
  PackageOffer,
  ResolveAnswer,
  SpecLockDiff,
  SpecLockEntry,
  SpecLockView,
  SpecUpdatesView,
} from '../../../proto/package-views.ts';
import * as data from './fixtures.ts';

const [nginx, libssl] = [data.plannedPackages[1], data.plannedPackages[0]];

/** The resolver's answer, with one package that it cannot serve. */
export const answer: ResolveAnswer = {
  type: 'deb',
  sources: data.sourceExplanations,
  wants: [
    { name: 'nginx', version: null, arch: null },
    { name: 'gone', version: '>=2', arch: null },
  ],
  packages: data.plannedPackages,
  removed: [],
  unresolved: ['gone'],
  problems: [
    {
      ...{ code: 'unresolvable', name: 'gone' },
      sentences: ['gone is asked for in a version >=2.', 'The sources offer gone 1.0-1.'],
      hint: 'source debian pins it away from backports',
    },
  ],
  trace: [
    "Package nginx: adding new deps ['libnginx-ssl']",
    "VPackage perlapi-5.36.0: got provides ['perl-base']",
    "Package libnginx-ssl: adding new deps ['libssl3']",
  ],
};

export const nothing: ResolveAnswer = {
  ...answer,
  ...{ packages: [], unresolved: [], problems: [], trace: [] },
};

export const offers: PackageOffer[] = [
  {
    ...{ name: 'nginx', version: '1.22.1-9', arch: 'armhf', source: 'debian', priority: 500 },
    ...{ summary: 'small, powerful, scalable web/proxy server', chosen: true, why: null },
  },
  {
    ...{ name: 'nginx', version: '1.26.0-1', arch: 'armhf', source: 'backports', priority: 100 },
    ...{ summary: 'small, powerful, scalable web/proxy server', chosen: false },
    why: 'its priority is lower (100 against 500)',
  },
];

const packet = (version: string) => ({
  id: `sha256:${version.replace('.', '').padEnd(64, '0')}`,
  name: 'logger',
  labels: { version, arch: 'armv7l' },
});
const versionOf = (name: string, version: string) => ({ name, version, arch: 'armhf' });

export const lock: SpecLockView = {
  ...{ spec: 'base', revision: 4, specRevision: 2, digest: `sha256:${'a'.repeat(64)}` },
  ...{ at: '2026-02-28T10:00:00.000Z', author: 'ann', cause: 'promoted', updates: 'manual' },
  keys: ['arch', 'os'],
  rows: [
    {
      ...{ labels: { arch: 'armv7l', os: 'debian' }, devices: 12 },
      packets: { logger: packet('1.0') },
      packages: [versionOf('libssl3', '3.0.15-1'), versionOf('nginx', '1.22.1-9')],
    },
    {
      ...{ labels: { arch: 'armv6l', os: 'debian' }, devices: 1, packets: {} },
      packages: [{ name: 'nginx', version: null, arch: 'armhf' }],
    },
  ],
};

export const locks: SpecLockEntry[] = [
  {
    ...{ spec: 'base', revision: 4, specRevision: 2, digest: lock.digest, rows: 2 },
    ...{ at: '2026-02-28T10:00:00.000Z', author: 'ann', cause: 'promoted' },
  },
  {
    ...{ spec: 'base', revision: 3, specRevision: 2, digest: `sha256:${'b'.repeat(64)}`, rows: 1 },
    ...{ at: '2026-02-01T10:00:00.000Z', author: 'server', cause: 'planned' },
  },
];

const [later, former] = locks as [SpecLockEntry, SpecLockEntry];

export const lockDiff: SpecLockDiff = {
  ...{ spec: 'base', from: former, to: later },
  rows: [
    {
      ...{ labels: { arch: 'armv7l', os: 'debian' }, devices: 12, change: 'changed' },
      packets: [{ name: 'logger', from: packet('1.0'), to: packet('1.1') }],
      packages: {
        installs: [versionOf('libpcre2', '10.42-1')],
        upgrades: [
          { from: versionOf('nginx', '1.22.1-9'), to: versionOf('nginx', '1.22.1-9+deb12u1') },
        ],
        removals: [versionOf('libpcre3', '2:8.39-15')],
      },
    },
    {
      ...{ labels: { arch: 'armv6l', os: 'debian' }, devices: 0, change: 'removed', packets: [] },
      packages: { installs: [], upgrades: [], removals: [versionOf('nginx', '1.22.1-9')] },
    },
  ],
};

export const noLockDiff: SpecLockDiff = { ...lockDiff, rows: [] };

export const updates: SpecUpdatesView = {
  ...{ spec: 'base', updates: 'manual', lock: lock.digest, proposed: `sha256:${'c'.repeat(64)}` },
  held: null,
  rows: [
    {
      ...{ labels: { arch: 'armv7l', os: 'debian' }, devices: 12 },
      packets: [{ name: 'logger', from: packet('1.0'), to: packet('1.1') }],
      packages: {
        installs: [versionOf('libpcre2', '10.42-1')],
        upgrades: [
          { from: versionOf('nginx', '1.22.1-9'), to: versionOf('nginx', '1.22.1-9+deb12u1') },
        ],
        removals: [versionOf('libpcre3', '2:8.39-15')],
      },
      problems: [],
    },
  ],
  impact: {
    ...{ devices: 12, installs: 0, upgrades: 12, removals: 12, devicesLosing: 12 },
    ...{ devicesEmptied: 0, packages: { installs: 12, upgrades: 12, removals: 12 } },
    labelsets: [],
  },
};

export const heldUpdates: SpecUpdatesView = {
  ...updates,
  updates: 'auto',
  held: {
    ...{ spec: 'base', revision: 4, at: '2026-02-28T10:00:00.000Z' },
    ...{ removals: 12, devicesLosing: 12, devicesEmptied: 0 },
  },
};

export const noUpdates: SpecUpdatesView = { ...updates, proposed: lock.digest, rows: [] };

export const explanation = {
  ...data.explanation,
  sources: data.sourceExplanations,
  packages: data.plannedPackages,
};

export const prerequisite = libssl ? [libssl] : [];
export const wanted = nginx ? [nginx] : [];

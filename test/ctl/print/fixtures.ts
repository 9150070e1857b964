import type {
  DeviceView,
  EventView,
  Explanation,
  Impact,
  MergedSpec,
  PacketView,
  Plan,
  TokenView,
} from '../../../proto/api.ts';
import type {
  ApplyResult,
  GenerationView,
  RevisionView,
  SourceView,
  SpecView,
} from '../../../proto/document-views.ts';
import type { Labels } from '../../../proto/labels.ts';
import type { PlannedPackage, SourceExplanation } from '../../../proto/package-views.ts';
import type { Reported } from '../../../proto/reported.ts';
import type { SecretView } from '../../../proto/secret.ts';
import { makePacket } from '../../support/make.ts';

/** The moment at which everything is shown. */
export const now = Date.parse('2026-03-01T12:00:00.000Z');
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

const packet = (name: string, labels: Labels, seq: number, part: object = {}): PacketView => ({
  ...makePacket({ name, labels, seq, uploadedAt: ago(seq * 5000), size: 1200 * seq ** 3, ...part }),
  url: '/v1/packets/x/content',
});

export const packets: PacketView[] = [
  packet('logger', { version: '1.1.0', arch: 'armv7l' }, 3),
  packet(
    'logger',
    { version: '1.0.0', arch: 'armv7l', region: 'eu', variant: 'with-a-very-long-name' },
    12,
  ),
  packet('libhub', {}, 1, {
    description: 'speaks to the hub',
    depends: [{ name: 'shell', version: '>=2' }],
  }),
  packet(
    '日本語'.length > 0 ? 'wide-ラベル' : '',
    { note: '東京の倉庫にあるすべての装置のための' },
    2,
  ),
];

const problem = {
  code: 'no-candidate',
  name: 'shell',
  detail: 'Spec shell-spec: There is no packet named "shell"; upload one.',
};

const reported: Reported = {
  schema: 'jamesd.reported/1',
  epoch: 'e',
  seen: null,
  installed: { revision: 4, digest: 'sha256:0' },
  phase: 'idle',
  reason: null,
  retryAt: null,
  packets: [
    { name: 'logger', id: packets[0]?.id ?? null, status: 'installed', error: null },
    { name: 'tool', id: null, status: 'manual', error: null },
  ],
  packages: {
    installed: 71,
    wrong: [{ name: 'nginx', status: 'wrong-version', error: 'has 1.20-1, wanted is 1.22.1-9' }],
  },
  labels: { facts: {}, config: {} },
  agent: '1.0.0',
  bootId: 'b',
  seq: 1,
};

function device(id: string, part: Partial<DeviceView>): DeviceView {
  return {
    id,
    state: 'enrolled',
    labels: { arch: 'armv7l', fleet: 'alpha', hostname: id, os: 'debian', 'os.version': '12' },
    labelSources: {
      facts: { arch: 'armv7l', hostname: id, os: 'debian', 'os.version': '12' },
      config: { fleet: 'beta' },
      join: { fleet: 'alpha' },
      operator: {},
    },
    phase: 'idle',
    reason: null,
    converged: true,
    online: true,
    since: ago(4000),
    transport: 'mqtt',
    desired: { revision: 4, digest: 'sha256:0', problems: [] },
    reported,
    enrolledAt: ago(400_000),
    lastSeenAt: ago(20),
    ...part,
  };
}

export const devices: DeviceView[] = [
  device('buoy-17', {}),
  device('buoy-18-with-a-name-that-is-much-longer', {
    phase: 'failed',
    converged: false,
    reason: 'the script postinst of logger ended with status 1:\nno space left on device\u001b[31m',
    transport: 'http',
    desired: { revision: 5, digest: 'sha256:1', problems: [problem] },
  }),
  device('gate-1', {
    phase: 'waiting',
    reason: 'removal',
    converged: false,
    online: false,
    transport: null,
  }),
  device('gate-3', {
    ...{ phase: 'waiting', reason: 'window', converged: false },
    reported: {
      ...reported,
      ...{ phase: 'waiting', reason: 'window', retryAt: '2026-11-25T02:00:00.000Z' },
      detail: 'The next one opens at 02:00 in Europe/Berlin.',
    },
  }),
  device('gate-4', {
    ...{ phase: 'rolled-back', reason: 'logger.service is not active', converged: false },
    reported: { ...reported, phase: 'rolled-back', reason: 'logger.service is not active' },
  }),
  device('gate-5', { reported: { ...reported, rebootPending: true } }),
  device('gate-2', {
    state: 'pending',
    reported: null,
    desired: null,
    lastSeenAt: null,
    converged: false,
  }),
];

export const specs: SpecView[] = [
  {
    kind: 'Spec',
    id: 'logger-spec',
    target: {
      fleet: 'alpha',
      arch: ['armv6l', 'armv7l'],
      region: { not: 'eu' },
      retired: { exists: false },
    },
    apps: [
      { name: 'logger', labels: { version: '1.1.0' } },
      { name: 'shell', version: '>=2 <3' },
    ],
    revision: 3,
    updatedAt: ago(90_000),
    author: 'ada',
    message: 'logger 1.1 for alpha',
  },
  {
    kind: 'Spec',
    id: 'base',
    target: {},
    priority: -5,
    packages: ['openssh-server', { name: 'nginx', version: '1.22.*', type: 'deb', verify: false }],
    revision: 1,
    updatedAt: ago(30),
    author: 'ada',
    message: null,
  },
];

export const revisions: RevisionView<'Spec'>[] = specs.map((document, index) => ({
  kind: 'Spec',
  id: document.id,
  revision: 2 - index,
  generation: 7 - index,
  at: ago(60 * (index + 1)),
  author: 'ada',
  message: document.message,
  document: index === 0 ? document : null,
}));

export const sources: SourceView[] = [
  {
    kind: 'Source',
    id: 'debian-bookworm',
    type: 'apt',
    url: 'https://deb.example.org/debian',
    suite: 'bookworm',
    components: ['main', 'contrib'],
    archs: ['amd64', 'armhf'],
    target: { site: 'berlin' },
    signedBy: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n',
    auth: 'mirror',
    priority: 600,
    revision: 2,
    updatedAt: ago(4000),
    author: 'ada',
    message: 'bookworm for Berlin',
  },
  {
    kind: 'Source',
    id: 'tools',
    type: 'yum',
    rawUrl: 'file:///srv/tools/',
    target: {},
    trusted: true,
    revision: 1,
    updatedAt: ago(70),
    author: 'file',
    message: null,
  },
];

export const sourceRevisions: RevisionView<'Source'>[] = sources.map((document, index) => ({
  kind: 'Source',
  id: document.id,
  revision: 2 - index,
  generation: 9 - index,
  at: ago(60 * (index + 1)),
  author: 'ada',
  message: document.message,
  document: index === 0 ? document : null,
}));

export const secrets: SecretView[] = [
  { name: 'mirror', updatedAt: ago(100) },
  { name: 'source.tools', updatedAt: ago(100_000) },
];

const ref = (index: number) => packets[index] as PacketView;

const noPackagesChange = { installs: [], upgrades: [], removals: [] };

export const noImpact: Impact = {
  ...{ devices: 0, installs: 0, upgrades: 0, removals: 0, devicesLosing: 0, devicesEmptied: 0 },
  packages: { installs: 0, upgrades: 0, removals: 0 },
  labelsets: [],
};

export const impact: Impact = {
  devices: 120,
  installs: 100,
  upgrades: 19,
  removals: 1,
  packages: { installs: 1900, upgrades: 100, downgrades: 1, removals: 0 },
  devicesLosing: 1,
  devicesEmptied: 1,
  labelsets: [
    {
      labels: { arch: 'armv7l', fleet: 'alpha' },
      devices: 100,
      installs: [ref(2)],
      upgrades: [],
      removals: [],
      packages: noPackagesChange,
      problems: [problem],
    },
    {
      labels: { arch: 'armv6l' },
      devices: 19,
      installs: [],
      upgrades: [{ from: ref(1), to: ref(0) }],
      removals: [],
      packages: {
        installs: [{ name: 'nginx', version: '1.22.1-9', arch: 'armhf' }],
        upgrades: [
          {
            from: { name: 'openssh-server', version: '1:9.2p1-2', arch: 'armhf' },
            to: { name: 'openssh-server', version: '1:9.2p1-3', arch: 'armhf' },
          },
        ],
        removals: [],
      },
      problems: [],
    },
    {
      ...{ labels: {}, devices: 1, installs: [], upgrades: [], removals: [ref(0)] },
      packages: {
        ...noPackagesChange,
        downgrades: [
          {
            from: { name: 'curl', version: '8.1-1', arch: 'armhf' },
            to: { name: 'curl', version: '7.88-1', arch: 'armhf' },
          },
        ],
      },
      problems: [],
    },
  ],
};

export const applyResult: ApplyResult = {
  generation: 8,
  results: [
    { kind: 'Spec', id: 'logger-spec', change: 'updated', revision: 4, before: null, after: null },
    { kind: 'Spec', id: 'base', change: 'deleted', revision: null, before: null, after: null },
  ],
  impact,
};

export const plan: Plan = {
  packets: [
    { ...ref(0), reason: { spec: 'logger-spec', revision: 3 } },
    { ...ref(2), reason: { spec: 'logger-spec', revision: 3, neededBy: ['logger'] } },
  ],
  packages: [],
  problems: [problem],
  spec: {
    ids: ['logger-spec'],
    apps: [{ name: 'logger', labels: { version: '1.1.0' }, spec: 'logger-spec', priority: 0 }],
  },
};

/** Specs that ask for packages alone. */
export const mergedPackages: MergedSpec = {
  ids: ['base', 'web'],
  apps: [],
  packages: {
    wants: [
      { name: 'ca-certificates', spec: 'base', packets: ['logger'] },
      { name: 'libc6', arch: 'i386', spec: 'base', packets: [] },
      { name: 'nginx', version: '1.22.*', spec: 'web', packets: [] },
    ],
    policy: {
      ...{ resolver: true, version: 'locked', recommended: null },
      ...{ downgrade: false, unmanaged: 'keep' },
    },
  },
};

/** A package, the chain that it is there for, and what serves it. */
export const plannedPackages: PlannedPackage[] = [
  {
    ...{ name: 'libssl3', version: '3.0.15-1', arch: 'armhf', type: 'deb', source: 'debian' },
    ...{ auto: true, size: 1_600_000, installedSize: 5_000_000 },
    reason: {
      ...{ spec: 'base', revision: 2, packets: [], neededBy: ['nginx', 'libnginx-ssl'] },
      relation: { kind: 'depends', text: 'libssl3 (>= 3.0.0)' },
    },
  },
  {
    ...{ name: 'nginx', version: '1.22.1-9', arch: 'armhf', type: 'deb', source: 'debian' },
    ...{ auto: false, size: 520_000, installedSize: 1_300_000 },
    reason: { spec: 'base', revision: 2, packets: [], neededBy: [], relation: null },
  },
];

export const sourceExplanations: SourceExplanation[] = [
  {
    ...{ id: 'debian', revision: 4, type: 'apt', applies: true, archs: ['armhf'] },
    unmet: [],
  },
  {
    ...{ id: 'fedora', revision: 1, type: 'yum', applies: false, archs: [] },
    unmet: ['is of type yum and so for fedora, centos; the device has os=debian'],
  },
];

export const explanation: Explanation = {
  device: 'buoy-17',
  labels: { arch: 'armv7l', fleet: 'alpha', hostname: 'buoy-17' },
  specs: [
    { id: 'logger-spec', revision: 3, applies: true, target: { fleet: 'alpha' }, unmet: [] },
    {
      id: 'gate-spec',
      revision: 1,
      applies: false,
      target: { kind: 'gate' },
      unmet: ['wants kind=gate, the device has no label "kind"'],
    },
  ],
  apps: [
    {
      name: 'logger',
      lines: [
        {
          spec: 'logger-spec',
          priority: 5,
          counts: true,
          labels: { version: '1.1.0' },
          version: null,
        },
        { spec: 'base', priority: 0, counts: false, labels: {}, version: '*' },
      ],
      wanted: { arch: 'armv7l', fleet: 'alpha', hostname: 'buoy-17', version: '1.1.0' },
      chosen: {
        ...ref(0),
        reason: { spec: 'logger-spec', revision: 3 },
        why: 'wanted by spec logger-spec (revision 3)',
      },
      candidates: [
        { ...ref(0), eligible: true, verdict: 'is the best match' },
        {
          ...ref(2),
          name: 'logger',
          eligible: true,
          verdict: 'fits, but has fewer labels (0 against 2)',
        },
        {
          ...ref(1),
          eligible: false,
          verdict: 'lacks version=1.1.0 (has 1.0.0) and needs region=eu (the device has none)',
        },
      ],
      problem: null,
    },
    { name: 'shell', lines: [], wanted: {}, chosen: null, candidates: [], problem },
  ],
  sources: [],
  packages: [],
  policy: [
    {
      ...{ field: 'windows', specs: ['base', 'logger-spec'], priority: 0, conflict: false },
      value: [{ apply: [{ at: '02:00', duration: '3h' }] }, { blackout: ['2026-12-24'] }],
    },
    {
      ...{ field: 'drift', specs: ['base', 'logger-spec'], priority: 0, conflict: true },
      value: 'report',
    },
    {
      ...{ field: 'reboot', specs: ['logger-spec'], priority: 5, conflict: false },
      value: 'never',
    },
  ],
  problems: [problem],
};

export const generations: GenerationView[] = [
  {
    generation: 8,
    at: ago(10),
    author: 'ada',
    message: 'logger 1.1 everywhere',
    changes: [{ kind: 'Spec', id: 'logger-spec', revision: 4, change: 'updated' }],
  },
  {
    generation: 7,
    at: ago(100_000),
    author: 'laptop of ada',
    message: null,
    changes: [
      { kind: 'Spec', id: 'base', revision: 1, change: 'deleted' },
      { kind: 'Source', id: 'tools', revision: 2, change: 'updated' },
    ],
  },
];

export const events: EventView[] = [
  {
    seq: 1,
    at: ago(100),
    kind: 'packet-uploaded',
    actor: 'token:ada',
    subject: packets[0]?.id ?? '',
    detail: 'logger {version=1.1.0}',
  },
  {
    seq: 2,
    at: ago(10),
    kind: 'device-failed',
    actor: 'device:buoy-18',
    subject: 'buoy-18',
    detail: 'the script postinst of logger ended with status 1',
  },
];

export const tokens: TokenView[] = [
  {
    id: '8301a0759562',
    kind: 'join',
    description: null,
    labels: { site: 'berlin' },
    usesLeft: 10,
    expiresAt: new Date(now + 86_400_000).toISOString(),
    createdAt: ago(5),
  },
  {
    id: 'ada',
    kind: 'operator',
    description: 'Ada’s laptop',
    labels: {},
    usesLeft: null,
    expiresAt: null,
    createdAt: ago(500_000),
  },
  {
    id: 'old',
    kind: 'join',
    description: null,
    labels: {},
    usesLeft: 0,
    expiresAt: ago(1),
    createdAt: ago(900),
  },
];

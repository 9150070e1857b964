import { choice, text } from './option.ts';
import { outputFormats } from './print/format.ts';

/** Options that every command takes, before or after its name. */
export const globalOptions = {
  output: choice('-o, --output <format>', 'table, wide, json, yaml or name', outputFormats),
  server: text('--server <url>', 'the server (or JAMESD_SERVER)'),
  token: text('--token <token>', 'the operator’s token (or JAMESD_TOKEN)'),
  context: text('--context <name>', 'a context of the config file (or JAMESD_CONTEXT)'),
  config: text('--config <file>', 'another config file', 'file'),
};

const SHARED = 'Declare:';
const LOOK = 'Look:';
const PARTS = 'Packets, specs, sources, devices:';
const SETUP = 'Set up:';

/** Headings of the help, and what a noun is about. */
export const groups: Readonly<Record<string, { heading: string; summary: string }>> = {
  packet: { heading: PARTS, summary: 'make, upload, find and install packets' },
  spec: { heading: PARTS, summary: 'what software which devices should have' },
  source: { heading: PARTS, summary: 'repositories of packages' },
  'source secret': { heading: 'Commands:', summary: 'users and passwords of sources' },
  device: { heading: PARTS, summary: 'the fleet' },
  token: { heading: PARTS, summary: 'tokens of operators and for joining' },
  apply: { heading: SHARED, summary: '' },
  diff: { heading: SHARED, summary: '' },
  plan: { heading: SHARED, summary: '' },
  validate: { heading: SHARED, summary: '' },
  schema: { heading: SHARED, summary: '' },
  rollback: { heading: SHARED, summary: '' },
  explain: { heading: LOOK, summary: '' },
  wait: { heading: LOOK, summary: '' },
  events: { heading: LOOK, summary: '' },
  history: { heading: LOOK, summary: '' },
  login: { heading: SETUP, summary: '' },
  doctor: { heading: SETUP, summary: '' },
  completion: { heading: SETUP, summary: '' },
};

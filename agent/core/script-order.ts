import type { Step } from './plan-steps.ts';

export type Script = 'preinst' | 'postinst' | 'prerm' | 'postrm';
/** Whose script: of the packet that goes or of the one that comes. */
export type Side = 'old' | 'new';

/** One action of a step: its files are moved, or a script runs. */
export type Action = { kind: 'files' } | { kind: 'script'; side: Side; script: Script };

const files: Action = { kind: 'files' };
const run = (side: Side, script: Script): Action => ({ kind: 'script', side, script });

/** What is done for a packet, in order. */
export const actionsOf: Readonly<Record<Step['kind'], readonly Action[]>> = {
  install: [run('new', 'preinst'), files, run('new', 'postinst')],
  upgrade: [
    run('old', 'prerm'),
    run('new', 'preinst'),
    files,
    run('old', 'postrm'),
    run('new', 'postinst'),
  ],
  remove: [run('old', 'prerm'), files, run('old', 'postrm')],
};

/** What takes an action back; it is done also if the action itself failed or was cut off. */
const counterparts: Readonly<Record<Side, Readonly<Record<Script, Action>>>> = {
  old: {
    prerm: run('old', 'postinst'),
    postrm: run('old', 'preinst'),
    preinst: run('old', 'postrm'),
    postinst: run('old', 'prerm'),
  },
  new: {
    preinst: run('new', 'postrm'),
    postinst: run('new', 'prerm'),
    prerm: run('new', 'postinst'),
    postrm: run('new', 'preinst'),
  },
};

export const counterpartOf = (action: Action): Action =>
  action.kind === 'files' ? action : counterparts[action.side][action.script];

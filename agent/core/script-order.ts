import { isRepair, type Step } from './plan-steps.ts';

export type Script = 'preinst' | 'postinst' | 'prerm' | 'postrm';
/** Whose script: of the packet that goes or of the one that comes. */
export type Side = 'old' | 'new';

/** One action of a step: its files are moved, a driver installs or removes what is no files, or a script runs. */
export type Action =
  | { kind: 'files' }
  | { kind: 'driver' }
  | { kind: 'script'; side: Side; script: Script };

const run = (side: Side, script: Script): Action => ({ kind: 'script', side, script });

/** What is done for a packet, in order. `from` and `to` are its ids: a repair runs no scripts. */
export function actionsOf({
  kind,
  driver,
  from = null,
  to = null,
}: {
  kind: Step['kind'];
  driver: string | null;
  from?: string | null;
  to?: string | null;
}): Action[] {
  const change: Action = { kind: driver === null ? 'files' : 'driver' };
  if (isRepair({ from, to })) return [change];
  switch (kind) {
    case 'install':
      return [run('new', 'preinst'), change, run('new', 'postinst')];
    case 'upgrade':
      return [
        run('old', 'prerm'),
        run('new', 'preinst'),
        change,
        run('old', 'postrm'),
        run('new', 'postinst'),
      ];
    case 'remove':
      return [run('old', 'prerm'), change, run('old', 'postrm')];
  }
}

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
  action.kind === 'script' ? counterparts[action.side][action.script] : action;

import { defineCommand } from '../command.ts';
import { diagnose } from '../diagnosis.ts';
import { EXIT_DONE, EXIT_FAILED } from '../exit-status.ts';
import { bad, good, type Span, strong, warn } from '../print/text.ts';
import { table } from '../print/view.ts';

const marks: Record<'ok' | 'warning' | 'failed', Span> = {
  ok: good('ok'),
  warning: warn('warning'),
  failed: bad('failed'),
};

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check the way to the server, and say what to do where something is wrong',
  details:
    'Checks the config file, the address, whether the server answers and is ready, the clocks, the token, the versions, and whether updates are held.',
  arguments: {},
  options: {},
  examples: ['jamesd-ctl doctor'],
  async run(_input, context) {
    const checks = await diagnose(context);
    const advice = checks.flatMap(({ check, advice: what }) => (what ? [{ check, what }] : []));
    const rows = checks.map(({ check, result, detail }) => [strong(check), marks[result], detail]);
    return {
      data: checks,
      view: [
        table([{ title: 'CHECK' }, { title: 'RESULT' }, { title: 'DETAIL' }], rows, ''),
        {
          kind: 'lines',
          wrap: true,
          lines: advice.map(({ check, what }) => [strong(`${check}: `), what]),
        },
      ],
      status: checks.some(({ result }) => result === 'failed') ? EXIT_FAILED : EXIT_DONE,
    };
  },
});

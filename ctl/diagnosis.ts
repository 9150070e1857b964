import { stat } from 'node:fs/promises';
import { JamesError } from '../proto/errors.ts';
import { createClient } from './client.ts';
import type { Connection, Context } from './command.ts';
import { isExposed } from './commands/login.ts';
import { formatAge } from './core/duration.ts';
import { createHttp, type Http } from './http.ts';
import { release } from './release.ts';

/** One thing that was looked at. */
export interface Check {
  check: string;
  result: 'ok' | 'warning' | 'failed';
  detail: string;
  /** What to do; null where all is well. */
  advice: string | null;
}

const MOST_SKEW_MS = 30_000;

/** Looks at everything between this program and a server that works; stops where nothing further can be known. */
export async function diagnose(context: Context): Promise<Check[]> {
  const checks: Check[] = [];
  let connection: Connection;
  try {
    connection = await context.connection();
  } catch (error) {
    return [
      failed('config', messageOf(error), 'Correct the config file, or name another with --config.'),
    ];
  }
  checks.push(await checkConfig(connection), checkAddress(connection));
  const http = createHttp({ ...context, server: connection.server, token: connection.token });
  const reached = await checkReachable(http, context);
  checks.push(...reached);
  if (reached.some(({ check, result }) => check === 'server' && result === 'failed')) return checks;
  const token = await checkToken(http, connection);
  checks.push(await checkReady(http), token);
  if (token.result === 'failed') return checks;
  return [...checks, await checkVersion(http), await checkHolds(http)];
}

async function checkConfig({ configFile, context }: Connection): Promise<Check> {
  const info = await stat(configFile).catch(() => null);
  if (!info) return ok('config', `${configFile} is not there; none is needed`);
  if ((info.mode & 0o077) !== 0)
    return warning(
      'config',
      `others may read ${configFile}`,
      `It may hold tokens: chmod 600 ${configFile}`,
    );
  return ok('config', `${configFile}${context === null ? '' : `, context ${context}`}`);
}

function checkAddress({ server, serverFrom, token }: Connection): Check {
  const detail = `${server} (from ${serverFrom})`;
  if (!isExposed(server) || token === null) return ok('address', detail);
  return warning(
    'address',
    `${detail} is not encrypted`,
    'The token can be read on the way; put TLS in front of the server, or a tunnel.',
  );
}

async function checkReachable(http: Http, { clock }: Context): Promise<Check[]> {
  const begin = clock.monotonic();
  try {
    const response = await http.send({
      path: '/healthz',
      accept: [401, 403, 404, 503],
      timeout: 5000,
    });
    await response.body?.cancel();
    const ms = Math.round(clock.monotonic() - begin);
    if (response.status === 404)
      return [
        failed(
          'server',
          'something answers, but it is not jamesd',
          'Check the address: another program has this port.',
        ),
      ];
    return [
      ok('server', `answers in ${ms} ms`),
      checkClock(response.headers.get('date'), clock.now()),
    ];
  } catch (error) {
    return [
      failed(
        'server',
        messageOf(error),
        'Start it with: jamesd serve. Or give its address with --server or JAMESD_SERVER.',
      ),
    ];
  }
}

function checkClock(date: string | null, now: number): Check {
  if (date === null)
    return warning('clock', 'the server does not tell its time', 'Nothing has to be done.');
  const skew = Date.parse(date) - now;
  if (Math.abs(skew) <= MOST_SKEW_MS) return ok('clock', 'agrees with the server’s');
  const text = `${formatAge(Math.abs(skew))} ${skew > 0 ? 'behind' : 'ahead of'} the server’s`;
  return warning('clock', text, 'Set the clocks by NTP: tokens and documents expire by them.');
}

async function checkReady(http: Http): Promise<Check> {
  try {
    const response = await http.send({ path: '/readyz', accept: [503], timeout: 5000 });
    const body = await response.text();
    if (response.status === 200) return ok('ready', 'the server serves');
    return failed(
      'ready',
      `not ready: ${body.slice(0, 200)}`,
      'Wait until it has started, or read its log.',
    );
  } catch (error) {
    return failed('ready', messageOf(error), 'Read the log of the server.');
  }
}

async function checkToken(http: Http, { token, tokenFrom }: Connection): Promise<Check> {
  const advice =
    'Give an operator’s token with --token or JAMESD_TOKEN, or store one with: jamesd-ctl login';
  if (token === null) return failed('token', 'there is none', advice);
  try {
    await createClient(http).tokens();
    return ok('token', `is an operator’s (from ${tokenFrom})`);
  } catch (error) {
    const isRefused = error instanceof JamesError && error.code === 'unauthenticated';
    const detail = isRefused ? 'the server refuses it' : messageOf(error);
    return failed('token', `${detail} (from ${tokenFrom})`, advice);
  }
}

async function checkVersion(http: Http): Promise<Check> {
  try {
    const api = await http.json<{ info?: { version?: unknown } }>({ path: '/v1/openapi.json' });
    const version = String(api.info?.version ?? 'unknown');
    if (version === release) return ok('version', `${release}, as the server`);
    return warning(
      'version',
      `jamesd-ctl ${release}, server ${version}`,
      'Use the same release on both sides if a verb is missing.',
    );
  } catch (error) {
    return warning('version', messageOf(error), 'Nothing has to be done.');
  }
}

async function checkHolds(http: Http): Promise<Check> {
  try {
    const held = (await createClient(http).holds()).map(({ spec }) => spec);
    if (held.length === 0) return ok('updates', 'none is held');
    return warning(
      'updates',
      `held, as they would remove too much: ${held.slice(0, 5).join(', ')}${held.length > 5 ? ', …' : ''}`,
      `See what would go: jamesd-ctl spec updates ${held[0]}`,
    );
  } catch (error) {
    return warning('updates', messageOf(error), 'Nothing has to be done.');
  }
}

const ok = (check: string, detail: string): Check => ({
  check,
  result: 'ok',
  detail,
  advice: null,
});
const warning = (check: string, detail: string, advice: string): Check => ({
  check,
  result: 'warning',
  detail,
  advice,
});
const failed = (check: string, detail: string, advice: string): Check => ({
  check,
  result: 'failed',
  detail,
  advice,
});

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

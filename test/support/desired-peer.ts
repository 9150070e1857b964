import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type SwitchableServer, switchable } from './switchable-server.ts';

/** The HTTP side of a server for one device, that does as a test says. */
export interface DesiredPeer extends SwitchableServer {
  /** What the device shall have from now on. */
  publish(content: string): void;
  /** Bodies of reports that came. */
  readonly reports: string[];
  /** Requests for the desired state, with what they asked. */
  readonly asked: { etag: string | undefined; prefer: string | undefined; at: number }[];
  /** No answer to reports from now on; false sends those that were held. */
  holdReports(yes: boolean): void;
  /** Answers with this status instead; null: as usual. */
  answer(status: number | null, body?: string, headers?: Record<string, string>): void;
  /** How enrolments are answered; 404 until it is said. */
  answerEnrolments(status: number, body: object): void;
  /** Bodies of enrolments that came. */
  readonly enrolments: string[];
}

export async function startDesiredPeer(authorization: string): Promise<DesiredPeer> {
  let current: { content: string; etag: string } | null = null;
  let count = 0;
  let waiting: (() => void)[] = [];
  let heldReports: (() => void)[] | null = null;
  let fixed: { status: number; body: string; headers: Record<string, string> } | null = null;
  let enrolment = { status: 404, body: {} };
  const reports: string[] = [];
  const enrolments: string[] = [];
  const asked: DesiredPeer['asked'] = [];

  const answerDesired = (request: IncomingMessage, response: ServerResponse): void => {
    const prefer = request.headers.prefer as string | undefined;
    const etag = request.headers['if-none-match'];
    asked.push({ etag, prefer, at: performance.now() });
    const answer = (): void => {
      if (current === null || current.etag === etag) response.writeHead(304).end();
      else response.writeHead(200, { etag: current.etag }).end(current.content);
    };
    const seconds = Number(/^wait=(\d+)$/.exec(prefer ?? '')?.[1] ?? 0);
    if (seconds === 0 || (current !== null && current.etag !== etag)) {
      answer();
      return;
    }
    const timer = setTimeout(answer, seconds * 1000);
    waiting.push(() => {
      clearTimeout(timer);
      answer();
    });
    request.on('close', () => clearTimeout(timer));
  };
  const takeEnrolment = async (
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    enrolments.push(await bodyOf(request));
    response.writeHead(enrolment.status).end(JSON.stringify(enrolment.body));
  };
  const takeReport = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    reports.push(await bodyOf(request));
    const answer = (): void => void response.writeHead(204).end();
    if (heldReports === null) answer();
    else heldReports.push(answer);
  };
  const server = await switchable(() =>
    createServer((request, response) => {
      if (fixed) response.writeHead(fixed.status, fixed.headers).end(fixed.body);
      else if (request.url === '/v1/enrol')
        takeEnrolment(request, response).catch(() => response.destroy());
      else if (request.headers.authorization !== authorization) response.writeHead(401).end();
      else if (request.url?.endsWith('/desired')) answerDesired(request, response);
      else if (request.url?.endsWith('/reported'))
        takeReport(request, response).catch(() => response.destroy());
      else response.writeHead(404).end();
    }),
  );
  return {
    ...server,
    publish(content) {
      count += 1;
      current = { content, etag: `"${count}"` };
      const ready = waiting;
      waiting = [];
      for (const answer of ready) answer();
    },
    reports,
    enrolments,
    answerEnrolments(status, body) {
      enrolment = { status, body };
    },
    asked,
    holdReports(yes) {
      for (const answer of heldReports ?? []) answer();
      heldReports = yes ? [] : null;
    },
    answer(status, body = '', headers = {}) {
      fixed = status === null ? null : { status, body, headers };
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

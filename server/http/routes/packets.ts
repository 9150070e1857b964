import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { ListQuery, type PacketView, type Page } from '../../../proto/api.ts';
import { JamesError } from '../../../proto/errors.ts';
import { isPacketId } from '../../../proto/ids.ts';
import { isSubset, parseLabels } from '../../../proto/labels.ts';
import type { Packet } from '../../../proto/packet.ts';
import { Packet as PacketSchema } from '../../../proto/packet.ts';
import { matches, parseSelector } from '../../../proto/selector.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import type { PacketLibrary } from '../../packets/packet-library.ts';
import type { Routes } from '../app.ts';
import { sendContent } from '../content-download.ts';
import { requireIdentity } from '../identity.ts';
import { decodeCursor, encodeCursor } from '../paging.ts';
import { uploadStream } from '../upload-stream.ts';

export interface PacketRoutesParts {
  library: PacketLibrary;
  blobs: BlobStore;
  maxPacketBytes: number;
  /** True if the device's desired state names the packet. */
  deviceMayRead: (device: string, packet: string) => boolean | Promise<boolean>;
}

const PacketQuery = Type.Object({
  ...ListQuery.properties,
  name: Type.Optional(Type.String({ maxLength: 128 })),
  /** Packets that have all these labels, and perhaps more. */
  labels: Type.Optional(Type.String({ maxLength: 16_384 })),
  selector: Type.Optional(Type.String({ maxLength: 16_384 })),
});
type PacketQuery = Type.Static<typeof PacketQuery>;

const Id = Type.Object({ id: Type.String({ maxLength: 512 }) });
const DEFAULT_LIMIT = 100;

/** `packets`: list, upload, look at, delete, download. */
export function packetRoutes(parts: PacketRoutesParts): Routes {
  return (app) => {
    addReading(app, parts);
    addUpload(app, parts);
    addContent(app, parts);
  };
}

function addReading(app: FastifyInstance, { library }: PacketRoutesParts): void {
  const config = { access: ['operator'] as const };
  app.get<{ Querystring: PacketQuery }>(
    '/packets',
    { config, schema: { summary: 'Packets by name and age', querystring: PacketQuery } },
    async ({ query }) => listPackets(library, query),
  );
  app.get<{ Params: { id: string } }>(
    '/packets/:id',
    { config, schema: { summary: 'One packet', params: Id, response: { 200: PacketSchema } } },
    async ({ params }) => view(require(library, params.id)),
  );
  app.delete<{ Params: { id: string } }>(
    '/packets/:id',
    { config, schema: { summary: 'Delete a packet that no spec chooses', params: Id } },
    async (request, reply) => {
      await library.delete(require(library, request.params.id).id, requireIdentity(request).actor);
      return reply.code(204).send();
    },
  );
}

function addUpload(app: FastifyInstance, { library, maxPacketBytes }: PacketRoutesParts): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
    scope.post(
      '/packets',
      {
        config: { access: ['operator'] },
        schema: { summary: 'Upload a packet file (.jpk)', consumes: ['application/octet-stream'] },
      },
      async (request, reply) => {
        const content = uploadStream(request, maxPacketBytes);
        const { packet, created } = await library.upload(content, requireIdentity(request).actor);
        reply.header('location', `/v1/packets/${packet.id}`);
        return reply.code(created ? 201 : 200).send(view(packet));
      },
    );
    done();
  });
}

function addContent(app: FastifyInstance, parts: PacketRoutesParts): void {
  app.route<{ Params: { id: string } }>({
    method: ['GET', 'HEAD'],
    url: '/packets/:id/content',
    config: { access: ['operator', 'device'] },
    schema: { summary: 'The packet file', params: Id, produces: ['application/octet-stream'] },
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const { params } = request;
      const { identity } = requireIdentity(request);
      if (identity.kind === 'device' && !(await parts.deviceMayRead(identity.device, params.id))) {
        throw new JamesError('forbidden', "This device's desired state does not name this packet.");
      }
      const { id, size } = require(parts.library, params.id);
      const { blobs } = parts;
      return sendContent(request, reply, {
        tag: `"${id}"`,
        size,
        pour: (range, take) => blobs.pour(id, range, take),
      });
    },
  });
}

function listPackets(library: PacketLibrary, query: PacketQuery): Page<PacketView> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const labels = parseLabels(query.labels ?? '');
  const selector = parseSelector(query.selector ?? '');
  const [afterName = '', afterSeq = 0] = query.cursor ? decodeCursor(query.cursor) : [];
  const items: PacketView[] = [];
  for (const name of query.name === undefined ? library.names() : [query.name]) {
    if (name < String(afterName)) continue;
    for (const packet of library.byName(name)) {
      if (name === afterName && packet.seq <= Number(afterSeq)) continue;
      if (!isSubset(labels, packet.labels) || !matches(selector, packet.labels)) continue;
      const last = items.at(-1);
      if (items.length === limit && last)
        return { items, next: encodeCursor([last.name, last.seq]) };
      items.push(view(packet));
    }
  }
  return { items, next: null };
}

function require(library: PacketLibrary, id: string): Packet {
  const packet = isPacketId(id) ? library.get(id) : undefined;
  if (!packet) throw new JamesError('not-found', 'There is no packet with this id.');
  return packet;
}

function view(packet: Packet): PacketView {
  return { ...packet, url: `/v1/packets/${packet.id}/content` };
}

import { type Resource, ResourceNotFoundError, type Server } from '@modelcontextprotocol/server';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { SegmentId } from '../../model/ids.js';
import type { SegmentSummary } from '../../model/results.js';
import { pageAfter, refuseCursor } from '../paging.js';
import type { McpSession } from '../session.js';
import { jsonText } from '../text/json-text.js';
import { inline } from '../text/quote.js';
import { withinBytes } from '../text/within-bytes.js';
import { fixedResources } from './fixed.js';
import { segmentIdOf, segmentTemplate, segmentUri } from './uris.js';
import { viewMimeType, viewText, viewUri } from './view.js';

const entriesPerPage = 100;

/** Offers the memory's state and segments as resources. */
export function offerResources(server: Server, session: McpSession): void {
  server.setRequestHandler('resources/list', async (request) => {
    const cursor = request.params?.cursor;
    const fixed = cursor === undefined ? fixedResources.map(({ read: _read, ...resource }) => resource) : [];
    const segments = await segmentsOf(session);
    const { entries, nextCursor } = pageAfter(segments, (one) => one.segment_id, cursor, entriesPerPage);
    return { resources: [...fixed, ...entries.map(segmentResource)], ...(nextCursor && { nextCursor }) };
  });

  server.setRequestHandler('resources/templates/list', (request) => {
    refuseCursor(request.params?.cursor);
    return {
      resourceTemplates: [
        {
          uriTemplate: segmentTemplate,
          name: 'segment',
          title: 'One topic of mid-term memory',
          description: 'A segment with all its pages. The id completes by id or by words of its theme.',
          mimeType: 'application/json',
        },
      ],
    };
  });

  server.setRequestHandler('resources/read', async (request) => {
    const { uri } = request.params;
    if (uri === viewUri) return { contents: [{ uri, mimeType: viewMimeType, text: await viewText() }] };
    const { answer, notice } = withinBytes(await read(session, uri), session.answerBytesMax, 2);
    const text = jsonText(notice === '' ? answer : { ...answer, notices: [notice] }, 2);
    return { contents: [{ uri, mimeType: 'application/json', text }] };
  });
}

async function read(session: McpSession, uri: string): Promise<object> {
  const fixed = fixedResources.find((resource) => resource.uri === uri);
  if (fixed !== undefined) return fixed.read(session);
  const id = segmentIdOf(uri);
  if (id === undefined) throw notFound(uri);
  return readSegment(session, id, uri);
}

async function readSegment(session: McpSession, id: SegmentId, uri: string): Promise<object> {
  const engine = await session.engine();
  try {
    return await engine.segment(id);
  } catch (error) {
    if (error instanceof MemoryError && error.code === 'NOT_FOUND') throw notFound(uri);
    throw error;
  }
}

/** Sorted by id. Empty when the memory cannot be opened; the other resources report the reason. */
async function segmentsOf(session: McpSession): Promise<SegmentSummary[]> {
  try {
    const segments = await (await session.engine()).segments();
    return segments.sort((a, b) => (a.segment_id < b.segment_id ? -1 : 1));
  } catch (error) {
    session.log('error', `resources/list: ${messageOf(error)}`);
    return [];
  }
}

function segmentResource(segment: SegmentSummary): Resource {
  return {
    uri: segmentUri(segment.segment_id),
    name: segment.segment_id,
    title: inline(segment.theme),
    description: inline(
      `${segment.pages} pages, heat ${segment.heat.toFixed(1)}: ${segment.keywords.slice(0, 8).join(', ')}`,
    ),
    mimeType: 'application/json',
    annotations: { lastModified: segment.updated_at },
  };
}

function notFound(uri: string): ResourceNotFoundError {
  return new ResourceNotFoundError(inline(uri.slice(0, 200)));
}

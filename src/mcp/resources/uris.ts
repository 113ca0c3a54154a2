import { isGeneratedId, type SegmentId } from '../../model/ids.js';

export const statusUri = 'memoryos://status';
export const configUri = 'memoryos://config';
export const profileUri = 'memoryos://profile';
export const segmentsUri = 'memoryos://segments';
export const segmentTemplate = 'memoryos://segments/{id}';

export function segmentUri(id: SegmentId): string {
  return `${segmentsUri}/${id}`;
}

/** The segment that a URI names; undefined when it names none. */
export function segmentIdOf(uri: string): SegmentId | undefined {
  const id = uri.startsWith(`${segmentsUri}/`) ? uri.slice(segmentsUri.length + 1) : '';
  return isGeneratedId(id, 'sg') ? (id as SegmentId) : undefined;
}

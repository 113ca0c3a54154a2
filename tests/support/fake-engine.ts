import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';

type Method = Exclude<keyof MemoryEngine, 'userId' | 'assistantId' | 'close' | 'onChange'>;

/** An engine with only the methods that a test gives it. A call of any other method fails. */
export function fakeEngine(
  methods: Partial<Pick<MemoryEngine, Method | 'onChange' | 'close'>>,
): MemoryEngine {
  const unexpected = (name: Method) => () => {
    throw new Error(`the test did not expect ${name}()`);
  };
  return {
    userId: toUserId('alice'),
    assistantId: toAssistantId('helper'),
    add: unexpected('add'),
    addAll: unexpected('addAll'),
    retrieve: unexpected('retrieve'),
    profile: unexpected('profile'),
    longTerm: unexpected('longTerm'),
    stats: unexpected('stats'),
    segments: unexpected('segments'),
    segment: unexpected('segment'),
    forget: unexpected('forget'),
    consolidate: unexpected('consolidate'),
    update: unexpected('update'),
    log: unexpected('log'),
    timeline: unexpected('timeline'),
    exchangesOf: unexpected('exchangesOf'),
    days: unexpected('days'),
    renameSegment: unexpected('renameSegment'),
    mergeSegments: unexpected('mergeSegments'),
    splitSegment: unexpected('splitSegment'),
    heatByDay: unexpected('heatByDay'),
    respond: unexpected('respond'),
    flush: unexpected('flush'),
    onChange: () => () => undefined,
    close: async () => undefined,
    ...methods,
  };
}

/** The parts of the protocol that an endpoint with a model understands. Found out by trying. */
export interface Dialect {
  readonly format: 'json_schema' | 'json_object' | 'plain';
  readonly tokensParameter: 'max_completion_tokens' | 'max_tokens' | 'none';
  readonly temperature: boolean;
  /** `stream_options: { include_usage: true }`. */
  readonly streamUsage: boolean;
  /** Where instructions go: in a system message, or at the beginning of the first user message. */
  readonly instructions: 'system' | 'user';
  /** Qwen's reasoning models refuse requests without streaming unless thinking is switched off. */
  readonly thinkingOff: boolean;
}

export const firstDialect: Dialect = {
  format: 'json_schema',
  tokensParameter: 'max_completion_tokens',
  temperature: true,
  streamUsage: true,
  instructions: 'system',
  thinkingOff: false,
};

/** The optional parts of the protocol that a request uses. */
export interface RequestTraits {
  readonly schema: boolean;
  readonly outputTokensMax: boolean;
  readonly temperature: boolean;
  readonly stream: boolean;
  readonly instructions: boolean;
}

const known = new Map<string, Dialect>();

/** The dialect that last worked with this endpoint and model in this process. */
export function knownDialect(endpoint: string, model: string): Dialect | undefined {
  return known.get(`${endpoint} ${model}`);
}

/** Called only after an answer has proved the dialect. */
export function rememberDialect(endpoint: string, model: string, dialect: Dialect): void {
  known.set(`${endpoint} ${model}`, dialect);
}

/**
 * The dialect to try next after the endpoint rejected the request as invalid (400, 422, or a server error
 * that names the schema). Null when nothing is left to omit. Parts that the message names are omitted first.
 */
export function simplerDialect(now: Dialect, used: RequestTraits, complaint: string): Dialect | null {
  const text = complaint.toLowerCase();
  const steps = possibleSteps(now, used);
  const named = steps.find((step) => step.named.test(text));
  return (named ?? steps.find((step) => step.blind))?.next ?? null;
}

interface Step {
  readonly named: RegExp;
  /** Whether to try this omission when the message names nothing. */
  readonly blind: boolean;
  readonly next: Dialect;
}

function possibleSteps(now: Dialect, used: RequestTraits): Step[] {
  const steps: Step[] = [];
  if (!now.thinkingOff)
    steps.push({ named: /enable_thinking/, blind: false, next: { ...now, thinkingOff: true } });
  if (used.outputTokensMax && now.tokensParameter !== 'none') {
    const tokensParameter = now.tokensParameter === 'max_completion_tokens' ? 'max_tokens' : 'none';
    steps.push({
      named: /max_completion_tokens|max_tokens|max tokens/,
      blind: true,
      next: { ...now, tokensParameter },
    });
  }
  if (used.temperature && now.temperature)
    steps.push({ named: /temperature/, blind: true, next: { ...now, temperature: false } });
  if (used.stream && now.streamUsage)
    steps.push({ named: /stream_options|include_usage/, blind: true, next: { ...now, streamUsage: false } });
  if (used.instructions && now.instructions === 'system')
    steps.push({
      named: /system (role|message|prompt)|role.{0,40}system|system.{0,40}not support|roles? must alternate/,
      blind: false,
      next: { ...now, instructions: 'user' },
    });
  if (used.schema && now.format !== 'plain') {
    const format = now.format === 'json_schema' ? 'json_object' : 'plain';
    steps.unshift({
      named: /response_format|json_schema|json_object|json schema|structured output|grammar|guided/,
      blind: true,
      next: { ...now, format },
    });
  }
  return steps;
}

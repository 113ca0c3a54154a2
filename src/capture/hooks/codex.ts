import { codexTranscript } from '../transcripts/codex.js';
import { claudeStyle } from './claude-style.js';

/** https://developers.openai.com/codex/hooks */
export const codex = claudeStyle({
  client: 'codex',
  moments: {
    SessionStart: 'start',
    UserPromptSubmit: 'prompt',
    Stop: 'answered',
    PreCompact: 'compacting',
  },
  heard: new Set(['SessionStart', 'UserPromptSubmit']),
  transcript: codexTranscript,
});

import { claudeTranscript } from '../transcripts/claude-code.js';
import { claudeStyle } from './claude-style.js';

/** https://code.claude.com/docs/en/hooks */
export const claudeCode = claudeStyle({
  client: 'claude-code',
  moments: {
    SessionStart: 'start',
    UserPromptSubmit: 'prompt',
    Stop: 'answered',
    PreCompact: 'compacting',
    SessionEnd: 'ended',
  },
  heard: new Set(['SessionStart', 'UserPromptSubmit']),
  transcript: claudeTranscript,
});

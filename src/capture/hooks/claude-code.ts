import { claudeTranscript } from '../transcripts/claude-code.js';
import { claudeStyle, commonMoments } from './claude-style.js';

/** https://code.claude.com/docs/en/hooks */
export const claudeCode = claudeStyle({
  client: 'claude-code',
  moments: { ...commonMoments, SessionEnd: 'ended' },
  heard: new Set(['SessionStart', 'UserPromptSubmit']),
  transcript: claudeTranscript,
});

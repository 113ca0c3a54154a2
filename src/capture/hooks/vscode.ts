import { copilotTranscript } from '../transcripts/copilot.js';
import { claudeStyle, commonMoments } from './claude-style.js';

/**
 * https://code.visualstudio.com/docs/agents/reference/hooks-reference; this client cannot add context to a
 * prompt.
 */
export const vscode = claudeStyle({
  client: 'vscode',
  moments: commonMoments,
  heard: new Set(['SessionStart']),
  transcript: copilotTranscript,
});

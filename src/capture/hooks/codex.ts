import { codexTranscript } from '../transcripts/codex.js';
import { claudeStyle, commonMoments } from './claude-style.js';

/** https://developers.openai.com/codex/hooks */
export const codex = claudeStyle({
  client: 'codex',
  moments: commonMoments,
  heard: new Set(['SessionStart', 'UserPromptSubmit']),
  transcript: codexTranscript,
});

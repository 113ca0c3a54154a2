import { claudeStyle } from './claude-style.js';

/** https://geminicli.com/docs/hooks/reference; `AfterAgent` has both sides, so no transcript is read. */
export const gemini = claudeStyle({
  client: 'gemini',
  moments: {
    SessionStart: 'start',
    BeforeAgent: 'prompt',
    AfterAgent: 'answered',
    PreCompress: 'compacting',
    SessionEnd: 'ended',
  },
  heard: new Set(['SessionStart', 'BeforeAgent']),
});

import { createBuiltinEmbedder } from '../../src/adapters/builtin-embedder.js';
import { embedderConformance } from './embedder-suite.js';

embedderConformance('builtin', async () => ({ embedder: createBuiltinEmbedder() }));

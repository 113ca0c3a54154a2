import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { embedderConformance } from './embedder-suite.js';

embedderConformance('builtin', async () => ({ embedder: createBuiltinEmbedder() }));

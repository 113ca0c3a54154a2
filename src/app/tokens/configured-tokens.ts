import type { Config } from '../config/config.js';
import { postgresMemories } from '../postgres-memories.js';
import { tokensOfDatabase } from './database-tokens.js';
import { type TokenRecords, tokensIn } from './tokens.js';

/** Runs with the tokens of the configured store: those of the data folder, or those of the database. */
export async function withTokens<T>(config: Config, run: (tokens: TokenRecords) => Promise<T>): Promise<T> {
  if (config.store === 'files') return run(tokensIn(config.data_storage_path));
  const database = await postgresMemories(config);
  try {
    return await run(tokensOfDatabase(database.tokens));
  } finally {
    await database.close();
  }
}

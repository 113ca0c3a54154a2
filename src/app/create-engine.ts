import type { HeldMemory } from '../adapters/held/held-memory.js';
import type { PostgresMemory } from '../adapters/postgres/postgres-store.js';
import type { MemoryEngine } from '../engine/memory-engine.js';
import type { EngineSettings } from '../engine/settings.js';
import { type AssistantId, toAssistantId, toUserId, type UserId } from '../model/ids.js';
import type { FullAnalyser } from '../ports/analyser.js';
import type { Clock } from '../ports/clock.js';
import type { Reporter } from '../ports/reporter.js';
import type { Store, StoredMemory, Watch } from '../ports/store.js';
import type { Config } from './config/config.js';
import { zoneOf } from './config/time-zone.js';
import { refusePythonMemory, requireMemory } from './known-memory.js';

const retryBaseMs = 5_000;
const retryMaxMs = 10 * 60_000;

/**
 * An engine and the position of its memory, as {@link EngineFactory.positionOf} reports it. Readable after closing,
 * too.
 */
export interface OpenedMemory extends MemoryEngine {
  readonly position: string;
}

/** A memory of the configured store: loaded completely, or queried in a database. */
export type ConfiguredMemory = HeldMemory | PostgresMemory;

/** Opens the memories of one store. Expensive parts (models, analyser) are created once and shared. */
export interface EngineFactory {
  /** The defaults are the user and the assistant of the configuration. Throws STORE_… and ID_INVALID. */
  open(userId?: UserId, assistantId?: AssistantId): Promise<OpenedMemory>;
  /** Opens the memory of the configured user. Throws NOT_FOUND, without creating or importing one, when there is none. */
  openKnown(): Promise<OpenedMemory>;
  /**
   * Position of a user's memory, read without opening it; null when there is none. Cheap. Throws STORE_IO.
   */
  positionOf(userId: UserId): Promise<string | null>;
  /**
   * Users whose memory is due for work and that no process works on. Always empty when each process works on
   * the memories it has open.
   */
  due(nowMs: number, limit: number): Promise<UserId[]>;
  /** Loads what the first call would wait for, opens connections, and tries both on a temporary memory. Runs once. */
  warm(): Promise<void>;
  /** Calls the listener when another process may have changed a memory; null: any memory. */
  watch(listener: (userId: UserId | null) => void): Promise<Watch>;
}

export interface EngineFactoryOptions {
  /**
   * Runs the built-in analyser in a separate thread, so that one user's analysis does not delay others'
   * calls.
   */
  readonly analysisThread?: boolean | undefined;
  /** From the loaded configuration. After a rejected request, models use the new configuration. */
  readonly reread?: (() => Config | null) | undefined;
  /** Returns a store that is already open. Absent: the configured store is opened. */
  readonly store?: (() => Promise<Store<ConfiguredMemory>>) | undefined;
}

/**
 * The only place where adapters are constructed. Does no I/O. Modules are loaded at the first `open`, so that
 * a server can answer earlier.
 */
export function createEngineFactory(
  config: Config,
  report: Reporter,
  options: EngineFactoryOptions = {},
): EngineFactory {
  return new LazyEngineFactory(config, report, options);
}

class LazyEngineFactory implements EngineFactory {
  readonly #config: Config;
  readonly #report: Reporter;
  readonly #options: EngineFactoryOptions;
  #parts: ReturnType<typeof load> | undefined;
  #warmed: Promise<void> | undefined;

  constructor(config: Config, report: Reporter, options: EngineFactoryOptions) {
    this.#config = config;
    this.#report = report;
    this.#options = options;
  }

  async positionOf(userId: UserId): Promise<string | null> {
    return (await this.#loaded()).store.positionOf(userId);
  }

  async due(nowMs: number, limit: number): Promise<UserId[]> {
    return (await this.#loaded()).store.due(nowMs, limit);
  }

  async watch(listener: (userId: UserId | null) => void): Promise<Watch> {
    return (await this.#loaded()).store.watch(listener);
  }

  warm(): Promise<void> {
    // A model that cannot be loaded is reported when it is used; search then works by words.
    this.#warmed ??= this.#loaded().then(async ({ store, ...shared }) => {
      await Promise.all([shared.meaningReader?.warm?.().catch(() => undefined), store.warm?.()]);
      const { warmUp } = await import('./warm-up.js');
      await warmUp({ ...shared, assistantId: toAssistantId(this.#config.assistant_id) });
    });
    this.#warmed.catch(() => {
      this.#warmed = undefined;
    });
    return this.#warmed;
  }

  async openKnown(): Promise<OpenedMemory> {
    const { store, data_storage_path: dataDir } = this.#config;
    const userId = toUserId(this.#config.user_id);
    await requireMemory((await this.#loaded()).store, userId);
    if (store === 'files') await refusePythonMemory(dataDir, userId);
    return this.open(userId);
  }

  async open(
    userId = toUserId(this.#config.user_id),
    assistantId = toAssistantId(this.#config.assistant_id),
  ): Promise<OpenedMemory> {
    const {
      store: memories,
      UserMemory,
      MemoryRetriever,
      CandidateRetriever,
      backups,
      adoptedFrom,
      named,
      ...shared
    } = await this.#loaded();
    const store = await memories.open(userId);
    const { data_storage_path: dataDir, store: kind, daily_backups_kept: kept } = this.#config;
    // Before the engine starts, because its background work sends texts.
    const fresh = await named(store);
    const daily = backups.startDailyBackups(store, {
      folder: backups.backupsFolder(dataDir),
      // A database is backed up completely by its own tools.
      keep: kind === 'files' ? kept : 0,
      clock: shared.clock,
      report: this.#report,
    });
    return new UserMemory({
      ...shared,
      notices: [...shared.notices, ...fresh],
      store,
      openRetriever: (parts) =>
        'held' in store
          ? new MemoryRetriever({ ...parts, store: store.held })
          : new CandidateRetriever({ ...parts, store, index: store.index }),
      assistantId,
      beforeClose: () => daily.close(),
      dropUnfinishedBackups: () => backups.dropUnfinishedBackups(dataDir, userId),
      backupsHolding: async (ids) => {
        const former = await adoptedFrom(dataDir, userId);
        const holding = await backups.backupsHolding(dataDir, userId, ids);
        return former === null ? holding : [...holding, former];
      },
    });
  }

  /** After a failure, the next call loads again. */
  #loaded(): ReturnType<typeof load> {
    if (this.#parts === undefined) {
      this.#parts = load(this.#config, this.#report, this.#options);
      this.#parts.catch(() => {
        this.#parts = undefined;
      });
    }
    return this.#parts;
  }
}

/**
 * Opens the stored memories without an engine, for operations on complete memories. `shelvesPages`: as
 * {@link createFileStore} takes it.
 */
export async function openMemories(
  config: Config,
  report: Reporter,
  { opened, shelvesPages = false }: { opened?: EngineFactoryOptions['store']; shelvesPages?: boolean } = {},
): Promise<{ store: Store<ConfiguredMemory>; clock: Clock }> {
  if (config.store === 'postgres') {
    const [{ postgresMemories }, { createSystemClock }] = await Promise.all([
      import('./postgres-memories.js'),
      import('../adapters/system-clock.js'),
    ]);
    const store = await (opened?.() ?? postgresMemories(config, report));
    return { store, clock: createSystemClock() };
  }
  const [{ createFileStore }, { heldStore }, { createSystemClock }, { adoptingPython }, { Redactor }] =
    await Promise.all([
      import('../adapters/files/file-store.js'),
      import('../adapters/held/held-memory.js'),
      import('../adapters/system-clock.js'),
      import('./transfer/adopt-python.js'),
      import('../engine/redactor.js'),
    ]);
  const clock = createSystemClock();
  const dataDir = config.data_storage_path;
  const files = heldStore(createFileStore({ dataDir, clock, shelvesPages }));
  const reading = {
    assistantId: toAssistantId(config.assistant_id),
    get zone() {
      return zoneOf(config);
    },
    redactor: new Redactor(config.redact_secrets),
  };
  return { store: adoptingPython(files, dataDir, reading, report), clock };
}

async function load(config: Config, report: Reporter, options: EngineFactoryOptions) {
  const { analysisThread = false, reread = () => null } = options;
  const [
    builtinAnalyser,
    { UserMemory },
    { MemoryRetriever },
    { CandidateRetriever },
    { createPause },
    { ModelFitness },
    { createModels },
    { noteEndpoints },
    { isEmptyMemory },
    { adoptedFrom },
    { backupsFolder, backupsHolding, dropUnfinishedBackups },
    { startDailyBackups },
    memories,
  ] = await Promise.all([
    analysisThread ? threadedAnalyser() : plainAnalyser(),
    import('../engine/user-memory.js'),
    import('../retrieval/memory-retriever.js'),
    import('../retrieval/candidates/candidate-retriever.js'),
    import('../engine/worker/pause.js'),
    import('../engine/worker/model-fitness.js'),
    import('./models/models.js'),
    import('./models/known-endpoints.js'),
    import('../engine/transfer/clear-memory.js'),
    import('./transfer/adopt-python.js'),
    import('./transfer/backups.js'),
    import('./transfer/daily-backups.js'),
    openMemories(config, report, { opened: options.store }),
  ]);
  const { store, clock } = memories;
  const notices: string[] = [];
  const { chatModel, embedder, meaningReader, changes } = await createModels(config, {
    report,
    notices,
    reread,
  });
  for (const notice of notices) report('info', notice);

  /** Reports endpoints that the memory has not been used with before. */
  async function named(store: StoredMemory): Promise<string[]> {
    const place = { dataDir: config.data_storage_path, userId: store.userId };
    const memory = { isEmpty: await isEmptyMemory(store), nowMs: clock.now() };
    const fresh = await noteEndpoints(place, config, memory, report);
    for (const message of fresh) report('warning', message);
    return fresh;
  }

  return {
    named,
    UserMemory,
    MemoryRetriever,
    CandidateRetriever,
    backups: { backupsFolder, backupsHolding, dropUnfinishedBackups, startDailyBackups },
    adoptedFrom,
    store,
    builtinAnalyser,
    embedder,
    meaningReader,
    chatModel,
    pause: createPause(report, changes),
    fitness: new ModelFitness(),
    modelChanges: changes,
    clock,
    report,
    notices,
    settings: settingsFrom(config),
  };
}

async function plainAnalyser(): Promise<FullAnalyser> {
  const { createBuiltinAnalyser } = await import('../analysis/builtin/builtin-analyser.js');
  return createBuiltinAnalyser();
}

/** One for all memories of the process, because its thread and its data are the same for everyone. */
let analysisThread: FullAnalyser | undefined;

async function threadedAnalyser(): Promise<FullAnalyser> {
  const { createThreadedAnalyser } = await import('../analysis/builtin/threaded-analyser.js');
  analysisThread ??= createThreadedAnalyser();
  return analysisThread;
}

export function settingsFrom(config: Config): EngineSettings {
  return {
    shortTermCapacityPages: config.short_term_capacity,
    midTermCapacitySegments: config.mid_term_capacity,
    knowledgeCapacityFacts: config.long_term_knowledge_capacity,
    retrievalQueueCapacityPages: config.retrieval_queue_capacity,
    answerTokensMax: config.max_tokens,
    relevanceMin: config.relevance_min ?? null,
    // Asking the system takes 5 % of a command's start, and most commands do not need the answer.
    get timeZone() {
      return zoneOf(config);
    },
    redactsSecrets: config.redact_secrets,
    worksInBackground: config.background_work,
    heatMin: config.mid_term_heat_threshold,
    similarityMin: config.mid_term_similarity_threshold,
    heatWeights: { alpha: 1, beta: 1, gamma: 1, recencyTauMs: config.recency_tau_hours * 3_600_000 },
    retryBaseMs,
    retryMaxMs,
  };
}

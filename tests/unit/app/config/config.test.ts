import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, redactConfig } from '../../../../src/app/config/config.js';
import { keyNames } from '../../../../src/app/config/config-keys.js';
import { userConfigFile } from '../../../../src/app/config/folders.js';
import { MemoryError } from '../../../../src/model/errors.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(content: unknown, name = 'config.json'): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function load(request: Parameters<typeof loadConfig>[0] = {}) {
  return loadConfig({ env: {}, cwd: folder, userFile: path.join(folder, 'config.json'), ...request });
}

function problem(request: Parameters<typeof loadConfig>[0] = {}): string {
  try {
    load(request);
  } catch (error) {
    expect(error).toBeInstanceOf(MemoryError);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    return error instanceof Error ? error.message : '';
  }
  throw new Error('the configuration was accepted');
}

describe('where values come from', () => {
  it('uses the defaults and the user data folder without any file, and reports this', () => {
    const { config, file, defaults } = load();
    expect(file).toBeNull();
    expect(config).toMatchObject({
      user_id: 'default_user',
      assistant_id: 'default_assistant_profile',
      llm_model: 'gpt-4o-mini',
      embedding_model_name: 'builtin',
      short_term_capacity: 10,
      mid_term_capacity: 2000,
      long_term_knowledge_capacity: 100,
      retrieval_queue_capacity: 7,
      max_tokens: 1200,
      mid_term_heat_threshold: 5,
      mid_term_similarity_threshold: 0.6,
    });
    expect(path.isAbsolute(config.data_storage_path)).toBe(true);
    expect(config.data_storage_path).toContain('memoryos-mcp');
    expect(defaults.join('\n')).toContain(config.data_storage_path);
  });

  it('lets the environment override the file and flags override both', () => {
    const file = write({ user_id: 'file', llm_model: 'file-model', short_term_capacity: 5 });
    const env = { MEMORYOS_USER_ID: 'env', MEMORYOS_SHORT_TERM_CAPACITY: '6' };
    const { config } = load({ file, env, flags: { user_id: 'flag' } });
    expect(config).toMatchObject({ user_id: 'flag', short_term_capacity: 6, llm_model: 'file-model' });
  });

  it("reads the user's own file when none is named, and reports which", () => {
    const file = write({ user_id: 'mine' });
    const { notices, ...loaded } = load();
    expect(loaded).toMatchObject({ file, config: { user_id: 'mine' } });
    expect(notices.join('\n')).toContain(file);
    expect(userConfigFile()).toMatch(/memoryos-mcp.*config\.json$/);
    expect(path.isAbsolute(userConfigFile())).toBe(true);
  });

  it.each(['{"user_id": "stranger"}', '{"port": 8080}', '[]', '// no JSON'])(
    'does not look at a config.json of the working directory, such as %s',
    (content) => {
      write(content);
      const { file, config } = load({ userFile: path.join(folder, 'none.json') });
      expect([file, config.user_id]).toEqual([null, 'default_user']);
    },
  );

  it('treats empty strings and null in the file as not set', () => {
    write({ user_id: '', openai_api_key: '', openai_base_url: '', embedding_model_name: null });
    const { config } = load();
    expect(config.user_id).toBe('default_user');
    expect(config.openai_api_key).toBeUndefined();
    expect(config.embedding_model_name).toBe('builtin');
  });

  it('resolves a data folder in the file against the file, others against the working directory', () => {
    const file = write({ data_storage_path: './data' }, 'deep/down/config.json');
    expect(load({ file }).config.data_storage_path).toBe(path.join(folder, 'deep/down/data'));
    expect(load({ file, env: { MEMORYOS_DATA_STORAGE_PATH: 'd' } }).config.data_storage_path).toBe(
      path.join(folder, 'd'),
    );
    expect(load({ file, flags: { data_storage_path: 'f' } }).config.data_storage_path).toBe(
      path.join(folder, 'f'),
    );
    write({ data_storage_path: '~/m' });
    expect(load().config.data_storage_path).toBe(path.join(homedir(), 'm'));
  });

  describe('a relative data folder meant for the working directory', () => {
    const cwd = () => path.join(folder, 'project');
    const memoryIn = (place: string) =>
      mkdirSync(path.join(folder, place, 'memoryos_data/users/alice'), { recursive: true });
    const file = () => write({ data_storage_path: './memoryos_data' }, 'settings/config.json');
    const found = (request: Parameters<typeof loadConfig>[0]) => load({ cwd: cwd(), ...request });

    it('is used when only it contains a memory, with a notice', () => {
      memoryIn('project');
      const { config, notices } = found({ file: file() });
      const meant = path.join(cwd(), 'memoryos_data');
      expect(config.data_storage_path).toBe(meant);
      expect(notices.join('\n')).toContain(`so ${meant} is used`);
      expect(found({ env: { MEMORYOS_CONFIG: file() } }).config.data_storage_path).toBe(meant);
    });

    it('is not used when the folder beside the file contains a memory, or neither does', () => {
      const beside = path.join(folder, 'settings/memoryos_data');
      expect(found({ file: file() }).config.data_storage_path).toBe(beside);
      memoryIn('project');
      memoryIn('settings');
      expect(found({ file: file() }).config.data_storage_path).toBe(beside);
    });

    it("is not used for the user's own file, which was not named", () => {
      memoryIn('project');
      expect(found({ userFile: file() }).config.data_storage_path).toBe(
        path.join(folder, 'settings/memoryos_data'),
      );
    });
  });

  it('resolves the paths of certificate and key like the data folder', () => {
    const file = write({ http_tls_cert: 'tls/cert.pem', http_tls_key: '/etc/key.pem' }, 'deep/config.json');
    expect(load({ file }).config).toMatchObject({
      http_tls_cert: path.join(folder, 'deep/tls/cert.pem'),
      http_tls_key: path.resolve('/etc/key.pem'),
    });
  });

  it('reads lists from the file as lists, and from the environment with commas', () => {
    const file = write({ http_allowed_hosts: ['memory.example.com'], trust_proxy: 1 });
    const env = { MEMORYOS_HTTP_ALLOWED_ORIGINS: 'https://a.example, http://localhost:6274' };
    expect(load({ file, env }).config).toMatchObject({
      http_allowed_hosts: ['memory.example.com'],
      http_allowed_origins: ['https://a.example', 'http://localhost:6274'],
      trust_proxy: '1',
    });
  });

  it('requires certificate and key, and issuer and audience, together', () => {
    write({ http_tls_cert: 'cert.pem', oauth_issuer: 'https://login.example.com' });
    expect(() => load()).toThrow(
      /http_tls_cert: needs http_tls_key too[\s\S]*oauth_issuer: needs oauth_audience too/,
    );
  });

  it('refuses origins that have a path or are incomplete', () => {
    for (const origin of ['*', 'null', 'https://a.example/', 'a.example', 'https://a.example/app']) {
      write({ http_allowed_origins: [origin] });
      expect(() => load()).toThrow(/http_allowed_origins: must be a list of origins/);
    }
  });

  it('reads a file with a byte order mark', () => {
    write('\uFEFF{"user_id": "alice"}');
    expect(load().config.user_id).toBe('alice');
  });

  it('reads the configuration of a Python server unchanged', () => {
    write({
      user_id: 'test_user_001',
      assistant_id: 'assistant_001',
      openai_api_key: '',
      openai_base_url: 'https://api.openai.com/v1',
      llm_model: 'gpt-4o-mini',
      data_storage_path: './memoryos_data',
      embedding_model_name: 'BAAI/bge-m3',
      short_term_capacity: 10,
      mid_term_capacity: 2000,
      long_term_knowledge_capacity: 100,
      retrieval_queue_capacity: 7,
      mid_term_heat_threshold: 5.0,
      mid_term_similarity_threshold: 0.6,
    });
    expect(load().config).toMatchObject({ user_id: 'test_user_001', embedding_model_name: 'BAAI/bge-m3' });
  });
});

describe('the OpenAI variables', () => {
  const env = { OPENAI_API_KEY: 'sk-env', OPENAI_BASE_URL: 'https://proxy.example/v1' };

  it('fill what is not set', () => {
    expect(load({ env }).config).toMatchObject({
      openai_api_key: 'sk-env',
      openai_base_url: 'https://proxy.example/v1',
    });
  });

  it('do not override the file', () => {
    write({ openai_api_key: 'sk-file', openai_base_url: 'https://file.example/v1' });
    expect(load({ env }).config).toMatchObject({
      openai_api_key: 'sk-file',
      openai_base_url: 'https://file.example/v1',
    });
  });

  it('are never used together with another endpoint', () => {
    write({ openai_base_url: 'http://localhost:11434/v1' });
    expect(load({ env }).config.openai_api_key).toBeUndefined();
    write({ openai_api_key: 'sk-file' });
    expect(load({ env }).config.openai_base_url).toBeUndefined();
  });
});

describe('bad configuration', () => {
  it('names a missing file and what to do', () => {
    const file = path.join(folder, 'none.json');
    expect(problem({ file })).toMatch(/none\.json cannot be read: the file does not exist\. .*init/);
    expect(problem({ file: folder })).toContain('it is a folder');
  });

  it.each([
    ['{\n  "user_id": "a",\n  "llm_model" "b"\n}', 'line 3, column 15'],
    ['{"user_id": }', 'line 1, column 13'],
    ['', 'it is empty'],
    ['{"user_id": "a"', 'line 1, column 16'],
  ])('names line and column of %j', (content, where) => {
    write(content);
    expect(problem()).toContain(where);
  });

  it.each([
    ['[]', 'a list'],
    ['null', 'null'],
    ['"x"', 'a string'],
    ['7', 'a number'],
  ])('refuses %s', (content, what) => {
    write(content);
    expect(problem()).toContain(`holds ${what}, not an object`);
  });

  it('reports every problem at once, with key, rule and value', () => {
    write({
      usr_id: 'a',
      short_term_capacity: 'ten',
      mid_term_capacity: -1,
      openai_base_url: 'nowhere',
      log_level: 'loud',
      shortTermCapacity: 4,
    });
    const text = problem({
      env: { MEMORYOS_RETRIEVAL_QUEUE_CAPACITY: '7.5' },
      flags: { transport: 'pigeon' },
    });
    expect(text).toContain('8 problems');
    expect(text).toContain('usr_id: unknown key; the nearest known one is user_id');
    expect(text).toContain('shortTermCapacity: unknown key; the nearest known one is short_term_capacity');
    expect(text).toContain('short_term_capacity: must be a whole number from 1 to 10000, not "ten"');
    expect(text).toContain('mid_term_capacity: must be a whole number from 1 to 1000000, not -1');
    expect(text).toContain('openai_base_url: must be a URL');
    expect(text).toContain('log_level: must be one of "debug"');
    expect(text).toContain('retrieval_queue_capacity (from MEMORYOS_RETRIEVAL_QUEUE_CAPACITY): must be');
    expect(text).toContain('transport (from --transport): must be "stdio" or "http", not "pigeon"');
  });

  it.each(['../../etc/passwd', ' ', 'a'.repeat(300), '..'])('refuses the user id %j', (user_id) => {
    write({ user_id });
    expect(problem()).toMatch(/user_id/);
    expect(problem({ flags: { user_id } })).toMatch(/user_id \(from --user\)/);
  });

  it('refuses keys of prototypes', () => {
    write('{"__proto__": {"user_id": "x"}, "constructor": 1}');
    expect(problem()).toMatch(/__proto__: unknown key[\s\S]*constructor: unknown key/);
  });

  it('warns of an unknown environment variable with its own prefix', () => {
    expect(load({ env: { MEMORYOS_USERID: 'x' } }).notices.join()).toContain(
      'Did you mean MEMORYOS_USER_ID?',
    );
  });

  it('never shows a key', () => {
    write({ openai_api_key: ['sk-secret'], embedding_api_key: 5 });
    expect(problem()).not.toContain('sk-secret');
    write({ openai_api_key: 'sk-secret' });
    const shown = redactConfig(load().config);
    expect(JSON.stringify(shown)).not.toContain('sk-secret');
    expect(shown).toMatchObject({ openai_api_key: '(set)', embedding_api_key: null });
    expect(Object.keys(shown)).toEqual(keyNames);
  });
});

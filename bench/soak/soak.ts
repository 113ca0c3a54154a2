import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { command, needsNothing, numberFrom, wholeFrom } from '../../scripts/command.js';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { verifyMemory } from '../../src/adapters/files/recovery/verify.js';
import { toUserId } from '../../src/model/ids.js';
import { allTexts, losses } from '../../tests/support/store-process.js';
import { residentMb } from '../processes.js';
import { soakSettings } from './exchanges.js';
import { engineWriter, serverWriter, type Writer } from './writers.js';

const options = command({
  call: 'npm run bench:soak --',
  about:
    'Several processes write to one memory for a long time and are killed and suspended at random; some get failing files. Each minute it checks that every acknowledged page is stored once. One process is the built server over stdio, the others are the engine. Exit code 1: a page was lost or stored twice, a file is damaged, a query did not find a page that was just stored, or a process crashed by itself.',
  time: '30 minutes by default.',
  needs: needsNothing,
})
  .option('--minutes <n>', 'how long it runs', numberFrom(0), 30)
  .option('--writers <n>', 'number of processes', wholeFrom(1), 4)
  .option('--data <folder>', 'folder of the memory, which is kept (default: a temporary folder)')
  .parse()
  .opts<{ minutes: number; writers: number; data?: string }>();
const { minutes } = options;
const dataDir = options.data ?? mkdtempSync(path.join(tmpdir(), 'memoryos-soak-'));
const endsAt = Date.now() + minutes * 60_000;

mkdirSync(dataDir, { recursive: true });
const configFile = path.join(dataDir, 'soak-config.json');
const serverKeys = { user_id: 'soak', assistant_id: 'helper', daily_backups_kept: 0 };
writeFileSync(configFile, JSON.stringify({ ...soakSettings, ...serverKeys, data_storage_path: '.' }));

const acknowledged: string[] = [];
const errors = new Map<string, number>();
const notices = new Map<string, number>();
const counts = { kills: 0, suspensions: 0, faults: 0, restarts: 0, clean: 0, asked: 0 };
let rssMb = 0;
let largestRssMb = 0;
const living = new Set<Writer>();

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);

/** Runs one writer after another under a name. Chance decides how each ends. */
async function writer(name: string, isServer: boolean): Promise<void> {
  for (let from = 0; Date.now() < endsAt; ) {
    const chance = Math.random();
    const faults = chance < 0.25 && !isServer;
    const task = {
      dataDir,
      name,
      from,
      delayMs: 40,
      ...(faults ? { faultEvery: 150 } : {}),
      ...(chance > 0.85 ? { adds: 50 } : {}),
    };
    const one = isServer ? serverWriter(task, configFile) : engineWriter(task);
    living.add(one);
    counts.restarts += 1;
    if (faults) counts.faults += 1;
    await one.ready;
    const lifeMs = 500 + Math.random() * 15_000;
    await Promise.race([pause(Math.min(lifeMs, Math.max(0, endsAt - Date.now()))), one.ended]);
    if (!one.counts.done && Math.random() < 0.15) {
      one.child.kill('SIGSTOP');
      await pause(3000 + Math.random() * 4000);
      one.child.kill('SIGCONT');
      counts.suspensions += 1;
      await pause(200);
    }
    if (one.counts.done) counts.clean += 1;
    else counts.kills += 1;
    rssMb = Math.max(rssMb, residentMb(one.child.pid) ?? 0);
    one.child.kill('SIGKILL');
    await one.ended;
    living.delete(one);
    acknowledged.push(...one.acknowledged);
    counts.asked += one.counts.asked;
    for (const error of one.errors) count(errors, shortened(error).split(' ').slice(0, 8).join(' '));
    for (const notice of one.notices) count(notices, shortened(notice).slice(0, 90));
    from += one.counts.attempts;
  }
}

const shortened = (text: string) => text.replaceAll(/[0-9a-f]{8,}|\d+/g, 'n');

function folderBytes(folder: string): { bytes: number; files: number; archiveBytes: number } {
  let bytes = 0;
  let archiveBytes = 0;
  let files = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    try {
      const status = statSync(path.join(folder, name));
      if (!status.isFile()) continue;
      bytes += status.size;
      if (path.basename(name).startsWith('archive')) archiveBytes += status.size;
      files += 1;
    } catch {
      // The file was removed meanwhile.
    }
  }
  return { bytes, files, archiveBytes };
}

async function check(): Promise<{ stored: number; lost: string[]; doubled: string[] }> {
  const store = await createFileStore({ dataDir }).open(toUserId('soak'));
  for (const notice of store.notices) count(notices, `check: ${notice.level} ${notice.message.slice(0, 90)}`);
  // Pages that were acknowledged before the reading began must be found.
  const expected = acknowledged.slice();
  const texts = await allTexts(store);
  await store.close();
  return { stored: texts.length, ...losses(texts, expected) };
}

async function report(): Promise<void> {
  const startedAt = Date.now();
  console.log(
    'minute  acknowledged  stored  lost  doubled  kills  suspended  faulty  asked  rss MB  files     MB  beside archive',
  );
  while (Date.now() < endsAt) {
    await pause(Math.min(60_000, Math.max(0, endsAt - Date.now())));
    await row(startedAt);
  }
}

async function row(startedAt: number): Promise<void> {
  const { stored, lost, doubled } = await check();
  for (const { child } of living) rssMb = Math.max(rssMb, residentMb(child.pid) ?? 0);
  largestRssMb = Math.max(largestRssMb, rssMb);
  const { bytes, files, archiveBytes } = folderBytes(dataDir);
  const cells = [
    [((Date.now() - startedAt) / 60_000).toFixed(1), 6],
    [acknowledged.length, 14],
    [stored, 8],
    [lost.length, 6],
    [doubled.length, 9],
    [counts.kills, 7],
    [counts.suspensions, 11],
    [counts.faults, 8],
    [counts.asked, 7],
    [rssMb.toFixed(0), 8],
    [files, 7],
    [(bytes / 1e6).toFixed(1), 7],
    [((bytes - archiveBytes) / 1e6).toFixed(1), 16],
  ] as const;
  rssMb = 0;
  console.log(cells.map(([value, width]) => String(value).padStart(width)).join(''));
  if (lost.length + doubled.length > 0) console.log({ lost: lost.slice(0, 5), doubled: doubled.slice(0, 5) });
}

const startedAt = Date.now();
await Promise.all([
  report(),
  ...Array.from({ length: options.writers }, (_, index) => writer(`w${index}`, index === 0)),
]);
const { stored, lost, doubled } = await check();
console.log(`\nafter ${minutes} minutes with ${options.writers} processes:`);
console.log(
  `  acknowledged ${acknowledged.length}, stored ${stored}, lost ${lost.length}, doubled ${doubled.length}`,
);
console.log(`  ${JSON.stringify(counts)}, largest process ${largestRssMb.toFixed(0)} MB`);
console.log(`  ${(acknowledged.length / ((Date.now() - startedAt) / 1000)).toFixed(0)} adds a second`);
const { defects } = await verifyMemory(dataDir, toUserId('soak'));
console.log('  doctor:', defects);
const failures = [...errors.keys()].filter((error) => /^(?:stderr:|NOT_FOUND)/.test(error));
console.log('  errors answered:', Object.fromEntries(errors));
console.log('  notices at opening:', Object.fromEntries(notices));
if (options.data === undefined) rmSync(dataDir, { recursive: true, force: true });
process.exitCode = lost.length + doubled.length + defects.length + failures.length > 0 ? 1 : 0;

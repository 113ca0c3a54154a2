import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createFileStore } from '../../src/adapters/file-store/file-store.js';
import { toUserId } from '../../src/model/ids.js';
import { allTexts, losses, StoreProcess } from '../../tests/support/store-process.js';

// Four processes on one memory for a long time: random kills, suspensions, failing files, restarts.
// npm run bench:soak -- --minutes 30 [--data /some/folder] [--writers 4]
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    writers: { type: 'string', default: '4' },
    data: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const dataDir = values.data ?? mkdtempSync(path.join(tmpdir(), 'memoryos-soak-'));
const endsAt = Date.now() + minutes * 60_000;

const acknowledged: string[] = [];
const errors = new Map<string, number>();
const notices = new Map<string, number>();
const counts = { kills: 0, suspensions: 0, faults: 0, restarts: 0, clean: 0 };
let largestRssMb = 0;
const living = new Set<StoreProcess>();

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);

/** One writer after another under a name; how each ends is left to chance. */
async function writer(name: string): Promise<void> {
  for (let from = 0; Date.now() < endsAt; ) {
    const chance = Math.random();
    const faults = chance < 0.25;
    const adds = chance > 0.85 ? 50 : undefined;
    const child = new StoreProcess({
      dataDir,
      user: 'soak',
      name,
      from,
      migrate: true,
      capacity: 10,
      delayMs: 5,
      ...(faults ? { faultEvery: 150 } : {}),
      ...(adds === undefined ? {} : { adds }),
    });
    living.add(child);
    counts.restarts += 1;
    if (faults) counts.faults += 1;
    await child.ready;
    const lifeMs = 500 + Math.random() * 15_000;
    await Promise.race([pause(Math.min(lifeMs, Math.max(0, endsAt - Date.now()))), child.ended]);
    if (!child.done && Math.random() < 0.15) {
      child.child.kill('SIGSTOP');
      await pause(3000 + Math.random() * 4000);
      child.child.kill('SIGCONT');
      counts.suspensions += 1;
      await pause(200);
    }
    if (child.done) counts.clean += 1;
    else counts.kills += 1;
    await child.kill();
    living.delete(child);
    acknowledged.push(...child.acknowledged);
    for (const error of child.errors) count(errors, error.split(' ').slice(0, 6).join(' '));
    for (const notice of child.notices)
      count(notices, notice.replaceAll(/[0-9a-f]{8,}|\d+/g, 'n').slice(0, 90));
    from += child.attempts;
  }
}

function folderBytes(folder: string): { bytes: number; files: number } {
  let bytes = 0;
  let files = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    try {
      const status = statSync(path.join(folder, name));
      if (!status.isFile()) continue;
      bytes += status.size;
      files += 1;
    } catch {
      // Removed meanwhile.
    }
  }
  return { bytes, files };
}

async function check(): Promise<{ stored: number; lost: string[]; doubled: string[] }> {
  const store = await createFileStore({ dataDir }).open(toUserId('soak'));
  for (const notice of store.notices) count(notices, `check: ${notice.level} ${notice.message.slice(0, 90)}`);
  // Acknowledged before the reading began, so they have to be there.
  const expected = acknowledged.slice();
  const texts = await allTexts(store);
  await store.close();
  return { stored: texts.length, ...losses(texts, expected) };
}

async function report(): Promise<void> {
  const startedAt = Date.now();
  console.log('minute  acknowledged  stored  lost  doubled  kills  suspended  faulty  rss MB  files     MB');
  while (Date.now() < endsAt) {
    await pause(Math.min(60_000, Math.max(0, endsAt - Date.now())));
    await row(startedAt);
  }
}

async function row(startedAt: number): Promise<void> {
  const { stored, lost, doubled } = await check();
  for (const { rssMb } of living) largestRssMb = Math.max(largestRssMb, rssMb);
  const { bytes, files } = folderBytes(dataDir);
  const cells = [
    [((Date.now() - startedAt) / 60_000).toFixed(1), 6],
    [acknowledged.length, 14],
    [stored, 8],
    [lost.length, 6],
    [doubled.length, 9],
    [counts.kills, 7],
    [counts.suspensions, 11],
    [counts.faults, 8],
    [largestRssMb.toFixed(0), 8],
    [files, 7],
    [(bytes / 1e6).toFixed(1), 7],
  ] as const;
  console.log(cells.map(([value, width]) => String(value).padStart(width)).join(''));
  if (lost.length + doubled.length > 0) console.log({ lost: lost.slice(0, 5), doubled: doubled.slice(0, 5) });
}

const startedAt = Date.now();
await Promise.all([
  report(),
  ...Array.from({ length: Number(values.writers) }, (_, index) => writer(`w${index}`)),
]);
const { stored, lost, doubled } = await check();
console.log(`\nafter ${minutes} minutes with ${values.writers} processes:`);
console.log(
  `  acknowledged ${acknowledged.length}, stored ${stored}, lost ${lost.length}, doubled ${doubled.length}`,
);
console.log(`  ${JSON.stringify(counts)}, largest process ${largestRssMb.toFixed(0)} MB`);
console.log(`  ${(acknowledged.length / ((Date.now() - startedAt) / 1000)).toFixed(0)} adds a second`);
console.log('  errors answered:', Object.fromEntries(errors));
console.log('  notices at opening:', Object.fromEntries(notices));
if (values.data === undefined) rmSync(dataDir, { recursive: true, force: true });
process.exitCode = lost.length + doubled.length > 0 ? 1 : 0;

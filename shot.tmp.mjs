import { chromium } from 'playwright-core';
import { spawn } from 'node:child_process';
const data = process.argv[2];
const child = spawn('node', ['dist/cli/main.js','ui','--no-open','--data',data,'--user','demo'], {stdio:['ignore','pipe','inherit']});
const link = await new Promise(r=>child.stdout.once('data',d=>r(String(d).trim())));
const b = await chromium.launch({executablePath:'/usr/bin/chromium', args:['--no-sandbox']});
const width = Number(process.argv[3]??1280); const scheme=process.argv[4]??'light';
const p = await b.newPage({viewport:{width,height:900}, colorScheme:scheme});
p.on('console', m=>console.log('console', m.text())); p.on('pageerror', e=>console.log('pageerror', e.message)); p.on('response', r=>{ if(r.status()>=400) console.log(r.status(), r.url())});
await p.goto(link); await p.waitForSelector('main h1');
for (const name of ['overview','ask','timeline','topics','knowledge','profile','log','settings']) {
  await p.goto(link.split('#')[0]+'#/'+name); await p.waitForTimeout(700);
  if(name==='ask'){ await p.fill('input','Which flours go into the house loaf?'); await p.keyboard.press('Enter'); await p.waitForTimeout(800);}
  await p.screenshot({path:`/tmp/shots/${name}-${width}-${scheme}.png`});
}
await b.close(); child.kill('SIGINT');

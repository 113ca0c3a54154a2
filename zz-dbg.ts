import { loadEnglishReader } from './src/analysis/builtin/english.js';
import { ownWords } from './src/analysis/builtin/own-words.js';
import { statementsOf } from './src/analysis/builtin/statements.js';
import { worthOf } from './src/analysis/builtin/scorer/scorer.js';
import { featuresOf } from './src/analysis/builtin/scorer/features.js';
import { toldOf } from './src/analysis/builtin/told.js';
import { tableOf } from './src/analysis/builtin/scorer/scorer.js';
import { weights } from './src/analysis/builtin/scorer/weights.js';
const reader = await loadEnglishReader(); const t=tableOf(weights);
const verbose = process.argv[2]==='-v';
for (const text of process.argv.slice(verbose?3:2)) { console.log('#',text); const own=ownWords(text); if('refused' in own){console.log('  refused',own.refused);continue;}
 for(const s of statementsOf(own,text,reader,(r)=>console.log('  reject',r))){const d=toldOf(s);console.log('  ',s.kind,'|subj',s.subject.map(x=>x.text).join(' '),'|verb',s.verb?.lemma,s.verb?.tense,s.verb?.modal,s.verb?.passive,'|rest',s.rest.map(x=>x.text+'/'+x.pos).join(' '),'|core',s.core!==null,'|',worthOf(s).toFixed(2),'slot',d.slot,'end',d.isEnding,'chg',d.isChange,'rep',JSON.stringify(d.replaced.map(r=>[...r])));
 if(verbose) console.log('     ',[...featuresOf(s)].map(f=>[f,t.get(f)??0] as const).filter(([,w])=>Math.abs(w)>0.1).sort((a,b)=>b[1]-a[1]).map(([f,w])=>f+' '+w).join('; '));}}

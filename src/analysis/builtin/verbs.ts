export type VerbForm = 'base' | 's' | 'past' | 'participle' | 'ing';

/** Irregular verbs: base, past, participle. */
const irregular: Readonly<Record<string, readonly [string, string]>> = {
  be: ['was', 'been'],
  become: ['became', 'become'],
  begin: ['began', 'begun'],
  break: ['broke', 'broken'],
  bring: ['brought', 'brought'],
  build: ['built', 'built'],
  buy: ['bought', 'bought'],
  catch: ['caught', 'caught'],
  come: ['came', 'come'],
  do: ['did', 'done'],
  draw: ['drew', 'drawn'],
  drink: ['drank', 'drunk'],
  drive: ['drove', 'driven'],
  eat: ['ate', 'eaten'],
  fall: ['fell', 'fallen'],
  fly: ['flew', 'flown'],
  get: ['got', 'gotten'],
  give: ['gave', 'given'],
  go: ['went', 'gone'],
  grow: ['grew', 'grown'],
  have: ['had', 'had'],
  hurt: ['hurt', 'hurt'],
  keep: ['kept', 'kept'],
  leave: ['left', 'left'],
  lose: ['lost', 'lost'],
  make: ['made', 'made'],
  meet: ['met', 'met'],
  pay: ['paid', 'paid'],
  put: ['put', 'put'],
  quit: ['quit', 'quit'],
  read: ['read', 'read'],
  rewrite: ['rewrote', 'rewritten'],
  ride: ['rode', 'ridden'],
  run: ['ran', 'run'],
  see: ['saw', 'seen'],
  sell: ['sold', 'sold'],
  send: ['sent', 'sent'],
  sing: ['sang', 'sung'],
  sleep: ['slept', 'slept'],
  speak: ['spoke', 'spoken'],
  spend: ['spent', 'spent'],
  stand: ['stood', 'stood'],
  swim: ['swam', 'swum'],
  take: ['took', 'taken'],
  tear: ['tore', 'torn'],
  throw: ['threw', 'thrown'],
  hold: ['held', 'held'],
  hear: ['heard', 'heard'],
  know: ['knew', 'known'],
  feel: ['felt', 'felt'],
  find: ['found', 'found'],
  say: ['said', 'said'],
  bear: ['bore', 'borne'],
  hit: ['hit', 'hit'],
  set: ['set', 'set'],
  teach: ['taught', 'taught'],
  tell: ['told', 'told'],
  think: ['thought', 'thought'],
  wake: ['woke', 'woken'],
  wear: ['wore', 'worn'],
  win: ['won', 'won'],
  write: ['wrote', 'written'],
};

/** Regular verbs that occur in facts. Verbs that double their last letter are marked. */
const regular =
  'add adopt adore advise apply attend avoid babysit+ bake book call camp cancel care celebrate change climb coach collect commute compile complete compose cook create crochet cycle dance design despise detest die dislike donate draft drop+ earn email enjoy enroll enter exercise expect explain explore fail finish fix garden generate graduate hate head help hike hope host hurry injure install invite jog+ join kayak knit+ launch learn like listen live loathe look love marry meditate miss move name need note nurse open order organize own paddle paint pass perform plan+ plant play practice practise pray prefer+ prepare present promise publish race raise reach receive recommend record register relocate remind rent repair replace reserve restore retire return sail save schedule sculpt sew share shop+ show sign skate ski smoke sprain start stay stop+ study submit+ suffer suggest support surf talk test tour train translate travel try turn update upgrade use visit volunteer walk want watch work';

interface Known {
  readonly lemma: string;
  readonly forms: ReadonlySet<VerbForm>;
}

const known = new Map<string, { lemma: string; forms: Set<VerbForm> }>();

function put(form: string, lemma: string, kind: VerbForm): void {
  const entry = known.get(form);
  if (entry === undefined) known.set(form, { lemma, forms: new Set([kind]) });
  else if (entry.lemma === lemma) entry.forms.add(kind);
}

for (const [base, [past, participle]] of Object.entries(irregular)) {
  put(base, base, 'base');
  put(thirdPerson(base), base, 's');
  put(past, base, 'past');
  put(participle, base, 'participle');
  put(gerund(base, /^(?:begin|get|hit|put|quit|run|set|swim|win)$/.test(base)), base, 'ing');
}
for (const word of regular.split(' ')) {
  const doubled = word.endsWith('+');
  const base = doubled ? word.slice(0, -1) : word;
  const stem = doubled ? base + base.slice(-1) : base.endsWith('e') ? base.slice(0, -1) : base;
  const past = /[^aeiou]y$/.test(base) ? `${base.slice(0, -1)}ied` : `${stem}ed`;
  put(base, base, 'base');
  put(thirdPerson(base), base, 's');
  put(past, base, 'past');
  put(past, base, 'participle');
  put(gerund(base, doubled), base, 'ing');
}
put('got', 'get', 'participle');
put('travelled', 'travel', 'past');
put('travelling', 'travel', 'ing');
put('cancelled', 'cancel', 'past');
for (const [past, base] of [
  ['learnt', 'learn'],
  ['burnt', 'burn'],
  ['spelt', 'spell'],
] as const) {
  put(past, base, 'past');
  put(past, base, 'participle');
}

/** The verb that a word is a form of, if the verb is one of those that occur in facts. */
export function knownVerb(word: string): Known | undefined {
  return known.get(word);
}

/** "goes", "studies", "runs"; "is" and "has". */
export function thirdPerson(base: string): string {
  if (base === 'be') return 'is';
  if (base === 'have') return 'has';
  if (/(?:[sxz]|ch|sh|o)$/.test(base)) return `${base}es`;
  if (/[^aeiou]y$/.test(base)) return `${base.slice(0, -1)}ies`;
  return `${base}s`;
}

function gerund(base: string, doubled: boolean): string {
  if (doubled) return `${base}${base.slice(-1)}ing`;
  if (/[^aeiou]e$/.test(base) || /ue$/.test(base)) return `${base.slice(0, -1)}ing`;
  if (/ve$|ke$|te$/.test(base)) return `${base.slice(0, -1)}ing`;
  return `${base}ing`;
}

/** The past of a verb. For an unknown verb, the word as the user wrote it. */
export function pastOf(lemma: string, said: string): string {
  for (const [form, entry] of known) if (entry.lemma === lemma && entry.forms.has('past')) return form;
  return said;
}

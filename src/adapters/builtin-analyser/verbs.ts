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
  teach: ['taught', 'taught'],
  tell: ['told', 'told'],
  think: ['thought', 'thought'],
  wake: ['woke', 'woken'],
  wear: ['wore', 'worn'],
  win: ['won', 'won'],
  write: ['wrote', 'written'],
};

/** Regular verbs that facts are told with; what doubles its last letter is marked. */
const regular =
  'adopt adore attend avoid bake cancel call care celebrate change collect commute complete cook dance dislike donate drop+ earn enjoy enroll enter exercise expect explore fail finish garden graduate hate help hike hope host injure join knit+ launch learn like listen live look love marry meditate miss move name need nurse open organize own paint pass plan+ plant play practice practise prefer+ promise publish race raise receive recommend register relocate rent retire return sail save sew share shop+ sign skate ski smoke sprain start stay stop+ study suffer support surf talk test train travel try turn use visit volunteer walk want watch work';

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
  put(gerund(base, /^(?:begin|get|put|quit|run|swim|win)$/.test(base)), base, 'ing');
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

/** The verb a word may be, if it is one that facts are told with. */
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

/** The past as told; of a verb not known, what was said. */
export function pastOf(lemma: string, said: string): string {
  for (const [form, entry] of known) if (entry.lemma === lemma && entry.forms.has('past')) return form;
  return said;
}

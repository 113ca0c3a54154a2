import { wordsIn } from './words.js';

/** English words that people ask and tell of the same things with. Everyday life only, and few. */
const groups = [
  'home live house reside apartment flat move address',
  'work job employ employer company career profession occupation',
  'like love enjoy favorite favourite fond prefer',
  'dislike hate',
  'pet dog cat puppy kitten',
  'kid child son daughter baby toddler',
  'parent mother father mom mum dad',
  'sibling brother sister',
  'partner wife husband spouse girlfriend boyfriend',
  'marry marriage wedding wife husband fiance',
  'doctor physician medical hospital',
  'car vehicle drive',
  'film movie cinema',
  'book novel read author',
  'music song band concert instrument',
  'eat meal dish food cook recipe dinner lunch breakfast restaurant',
  'holiday vacation trip travel journey visit',
  'sport exercise gym workout training fitness',
  'sick ill illness disease allergy allergic',
  'buy purchase bought',
  'birthday born age',
  'study school university college degree student class course',
  'money pay price cost salary',
  'gift present',
  'picture photo image painting',
  'name call',
  'start begin',
  'finish end complete',
];

let kin: Map<string, readonly string[]> | undefined;

/** Index terms of like use, for an English index term; empty for most. */
export function kindredOf(term: string): readonly string[] {
  kin ??= kinByTerm();
  return kin.get(term) ?? [];
}

function kinByTerm(): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const group of groups) {
    const terms = [...new Set(wordsIn(group, 'english'))];
    for (const term of terms) {
      const others = terms.filter((other) => other !== term);
      found.set(term, [...new Set([...(found.get(term) ?? []), ...others])]);
    }
  }
  return found;
}

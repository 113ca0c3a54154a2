/** Irregular forms that stemmers do not reduce to their base, as `base form form`. */
const groups =
  'arise arose arisen;awake awoke awoken;bear bore borne;beat beaten;become became;begin began begun;bend bent;' +
  'bite bit bitten;bleed bled;blow blew blown;break broke broken;breed bred;bring brought;build built;' +
  'burn burnt;buy bought;catch caught;choose chose chosen;come came;creep crept;deal dealt;dig dug;dive dove;' +
  'draw drew drawn;dream dreamt;drink drank drunk;drive drove driven;eat ate eaten;fall fell fallen;feed fed;' +
  'feel felt;fight fought;find found;flee fled;fly flew flown;forbid forbade forbidden;' +
  'forget forgot forgotten;forgive forgave forgiven;freeze froze frozen;get got gotten;give gave given;' +
  'go went gone;grow grew grown;hang hung;hear heard;hide hid hidden;hold held;keep kept;know knew known;' +
  'lay laid;lead led;lean leant;leap leapt;learn learnt;leave left;lend lent;light lit;lose lost;make made;' +
  'mean meant;meet met;pay paid;ride rode ridden;ring rang rung;rise rose risen;run ran;say said;' +
  'see saw seen;seek sought;sell sold;send sent;sew sewn;shake shook shaken;shine shone;shoot shot;' +
  'show shown;shrink shrank shrunk;sing sang sung;sink sank sunk;sit sat;sleep slept;slide slid;' +
  'speak spoke spoken;spend spent;spin spun;spring sprang sprung;stand stood;steal stole stolen;stick stuck;' +
  'sting stung;strike struck;swear swore sworn;sweep swept;swim swam swum;swing swung;take took taken;' +
  'teach taught;tear tore torn;tell told;think thought;throw threw thrown;understand understood;' +
  'undertake undertook undertaken;wake woke woken;wear wore worn;weave wove woven;weep wept;win won;' +
  'wind wound;withdraw withdrew withdrawn;write wrote written;child children;man men;woman women;foot feet;' +
  'tooth teeth;mouse mice;goose geese;wife wives;knife knives;wolf wolves;' +
  'shelf shelves;half halves;loaf loaves;person people';

/** The base of an irregular English verb or noun; undefined for a regular one. */
export function regularOf(word: string): string | undefined {
  return bases.get(word);
}

const bases = new Map(
  groups.split(';').flatMap((group) => {
    const [base = '', ...forms] = group.split(' ');
    return forms.map((form): [string, string] => [form, base]);
  }),
);

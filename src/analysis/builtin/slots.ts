import * as lists from './word-lists.js';

/**
 * An attribute that has one value at a time: its name, the verbs (lemmas) that state it, the words after the
 * verb, and the condition under which a new value replaces the old one. With `always`, every new value does.
 * With `change`, only a value stated as a change does ("now", "moved"), because two values may be true
 * together: "I live in Plagwitz" is a part of "I live in Leipzig".
 */
export interface Slot {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly behind: RegExp;
  readonly replacedBy: 'always' | 'change';
}

const line = (name: string, verbs: string, behind: RegExp, replacedBy: Slot['replacedBy']): Slot => ({
  name,
  verbs: verbs.split(' '),
  behind,
  replacedBy,
});

/** A number of years, in digits or words. */
const years =
  '(?:\\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-(?:one|two|three|four|five|six|seven|eight|nine))?)';

/** A stage of school. */
const schools =
  '(?:the |an? )?(?:[\\p{L}-]+ ){0,2}(?:nursery|kindergarten|preschool|daycare|school|college|university|grade)\\b';

/** The slots, in the order in which they are checked. The first match is used. */
export const slots: readonly Slot[] = [
  line('home', 'live', /^(?:(?:now|currently|back) )?(?:in|at|near|on|outside)\b/i, 'change'),
  line(
    'home',
    'move relocate emigrate',
    /^(?:(?:back|over|house|home|away|out|up|down) ){0,2}(?:to|into)\b/i,
    'always',
  ),
  line('home', 'be', /^(?:(?:now|currently) )?(?:based|living) in\b/i, 'change'),
  line('school', 'start begin enter join', new RegExp(`^(?:at )?${schools}`, 'iu'), 'always'),
  line('school', 'go attend', new RegExp(`^(?:to )?${schools}`, 'iu'), 'change'),
  line('employer', 'work', /^(?:now |currently )?(?:at|for)\b(?! (?:home|night|least|free))/i, 'always'),
  line('employer', 'start begin', /^(?:work(?:ing)? )?(?:at|with)\b/i, 'always'),
  line(
    'employer',
    'start begin accept take get land sign',
    /^(?:an?|the|my) (?:[\p{L}-]+ ){0,2}(?:job|post|offer|position|role|contract) (?:as|at|from|with)\b/iu,
    'always',
  ),
  line('employer', 'join', /^\p{Lu}/u, 'always'),
  line('age', 'be turn', new RegExp(`^(?:now |just )?${years}(?: years?\\b| now\\b|[.,!]|$)`, 'i'), 'always'),
  line('age', 'turn', new RegExp(`^${years}\\b`, 'i'), 'always'),
  line(
    'status',
    'be',
    /^(?:now |newly )?(?:married|single|divorced|engaged|separated|widowed|dating)\b/i,
    'always',
  ),
  line('status', 'marry remarry divorce', /^/, 'always'),
  line('status', 'get', /^(?:re)?(?:married|divorced|engaged|separated)\b/i, 'always'),
];

/** Slots that also apply to the people and animals of the user. */
export const slotsOfAnybody: ReadonlySet<string> = new Set(['home', 'employer', 'school', 'age', 'status']);

/** Pairs of an event and the state that it ends. "Our son was born" ends "I am pregnant". */
export const outcomes: readonly (readonly [event: RegExp, state: RegExp])[] = [
  [
    /\b(?:was|were|is|are|been) (?:finally )?born\b|\bgave birth\b|\bhad (?:\p{L}+ )?(?:baby|girl|boy|twins)\b|\b(?:son|daughter|baby|twins|girl|boy) (?:[\p{L}-]+ )?(?:has |have )?arrived\b|\bmiscarr/iu,
    /\b(?:pregnant|expecting)\b/i,
  ],
  [
    /\bgraduat(?:ed|ing)\b|\bdropped out\b|\b(?:finished|completed|got|defended|submitted|handed in) (?:my|the) (?:[\p{L}-]+ )?(?:degree|studies|phd|thesis|master\S*|bachelor\S*|diploma)\b/iu,
    /\b(?:student|study|studying|studies|phd|thesis|degree|sophomore|freshman|undergrad\w*)\b/i,
  ],
  [
    /\b(?:found|got|landed|started|accepted|signed|have|took) (?:a|an|the|my|that) (?:[\p{L}-]+ ){0,2}(?:job|position|contract|offer|role)\b|\bgot hired\b|\bwas hired\b/iu,
    /\b(?:unemployed|out of work|between jobs|jobless|job.?hunt\w*|(?:looking|searching|applying) for (?:a |an |new )*(?:[\p{L}-]+ )?(?:jobs?|work|position|role))\b/iu,
  ],
  [
    /\b(?:am|are|have|got|been) (?:now |just |finally )?retired\b|\bi retired\b/i,
    /\b(?:work|works|working) (?:as|at|for|in)\b/i,
  ],
  [
    /\b(?:eat|eating|eats|had|started on) (?:[\p{L}-]+ ){0,2}(?:meat|chicken|beef|pork|steak|bacon)\b/iu,
    /\b(?:vegetarian|vegan|pescatarian)\b/i,
  ],
  [
    /\b(?:eat|eating|have|having|had) (?:[\p{L}-]+ ){0,2}(?:fish|seafood|salmon|tuna)\b/iu,
    /\b(?:vegetarian|vegan)\b/i,
  ],
  [
    /\b(?:eat|eating|have|having|drink|drinking) (?:[\p{L}-]+ ){0,2}(?:cheese|dairy|milk|eggs?|yogh?urt|butter)\b/iu,
    /\bvegan\b/i,
  ],
  [
    /\b(?:engaged|married|wedding|seeing (?:someone|somebody)|met (?:someone|somebody)|have a (?:boy|girl)friend)\b/i,
    /\bi(?:'m| am) (?:still )?single\b/i,
  ],
  [
    /\b(?:live|living) (?:alone|by myself|on my own)\b|\bmy own (?:place|flat|apartment)\b/i,
    /\b(?:share|sharing|live|living) (?:a |an |my |the )?(?:flat|apartment|house|place|room)?\s?with\b|\b(?:flat|room|house)mates?\b/i,
  ],
  [
    /\bbought (?:a|an|our|my|the) (?:[\p{L}-]+ ){0,3}(?:house|flat|apartment|place|home|condo)\b/iu,
    /\b(?:rent|renting)\b/i,
  ],
];

/** States that a new employer ends. */
export const withoutWork = /\b(?:unemployed|out of work|between jobs|jobless|job.?hunt\w*)\b/i;

export const diets = lists.diets;

/** Verbs of liking. */
export const likings = new Set('like love enjoy adore'.split(' '));
export const dislikes = new Set('hate dislike detest loathe despise'.split(' '));

/** Verbs that end the thing that their object names: "sold the Golf", "quit the choir". */
export const endings = new Set(
  'sell quit stop cancel drop ditch scrap retire resign finish complete lose die end close abandon divorce dump return donate uninstall remove unsubscribe deprecate shelve'.split(
    ' ',
  ),
);

/** Verbs with which a state begins: "I started eating fish". */
export const beginnings = new Set('start begin resume learn come grow'.split(' '));

/** Verbs of having, and of events after which one has something. */
export const havings = new Set('have own get buy adopt'.split(' '));

/** Verbs for what a person uses, mostly one thing at a time. */
export const oneAtATime = new Set(
  'use drive ride bank host deploy work study prefer write store shop listen pay'.split(' '),
);
/** Verbs for what goes on until one leaves it. */
export const ongoing = new Set([...oneAtATime, ...'play run build live attend sing volunteer'.split(' ')]);

/** Words for what holds now and did not hold before. */
export const nowadays = /\b(?:now|nowadays|these days|at the moment|since)\b/i;

/** Verbs that name only the new thing: "I switched to Helix". */
export const switching = new Set('switch change move migrate swap convert go'.split(' '));

/** Verbs for a change of what something is, or where it is or when. */
export const turning = new Set(
  'move migrate transfer rename change switch rewrite port convert upgrade replace push postpone reschedule shift'.split(
    ' ',
  ),
);

/** Verbs for an aim, and verbs for the event that reaches it. */
export const aims = new Set('look search hunt plan prepare train wait apply save hope want try'.split(' '));
export const completing = new Set('finish complete submit hand deliver publish release launch'.split(' '));
export const achieving = new Set([
  ...completing,
  ...'find get buy sign pass take land adopt book accept receive win'.split(' '),
]);

/** Verbs that say little by themselves, so that a value told with one may be about anything. */
export const retelling = new Set('be get have go'.split(' '));

/** Phrases of several words that end something. */
export const endingPhrases =
  /\b(?:no longer|any ?more|no more|any longer|(?:was|were) (?:a|the wrong) (?:mistake|choice|bad idea)|did not work out|(?:took|take|taken) (?:me|him|her|us|them) off|came off|dropped out|stepped down|tore up|ripped out|(?:handed|passed) (?:[\p{L}-]+ ){0,3}(?:over|on|off)|(?:gave|give|given|giving|threw|thrown) (?:[\p{L}-]+ ){1,3}(?:away|up)|(?:ran|flew) away|(?:went|is) missing|(?:am|is|are) off (?:the|my|all)|(?:have|has|are|got) separated|put (?:[\p{L}-]+ ){0,3}to sleep|(?:broke|break|breaking|split|splitting|broken) up|passed away|(?:gave|give|given|giving) up|got rid of|handed in (?:my|the) notice|used to|fell through|called off|moved out|(?:went|gone) off(?! (?:the|an?|on|to|my)\b)|last day (?:at|in|of|with)|gave away|threw (?:out|away)|shut down|(?:got|been|was|were) (?:laid off|fired|stolen|cancell?ed|scrapped|discontinued)|(?:is|are) (?:gone|over|cancell?ed|dead|off)|put (?:him|her|it) down|had to put (?:[\p{L}-]+ ){1,3}down)\b/iu;

/** Words for a change of something that goes on. */
export const changes =
  /\b(?:now|instead|actually|switch(?:ed|ing)?|mov(?:ed|ing)|chang(?:ed|ing)|upgrad(?:ed|ing)|downgraded|migrat(?:ed|ing)|replac(?:es?|ed|ing)|renamed|postponed|rescheduled|pushed|delayed|brought forward|bumped|slipped|swapped|traded|correction|was wrong|i meant|turns out|these days|grown on me|raised|lowered|renewed|extended|increased|reduced|became|becomes?|down to|up to|back to|(?:cut|grew|shrunk|rose|fell|dropped|capped) to|since (?:last|this|yesterday|january|february|march|april|may|june|july|august|september|october|november|december)|as of|from (?:now|next|mon|tues|wednes|thurs|fri|satur|sun)\p{L}*|starting|retrained|new|another|third|fourth)\b/iu;

/** Matches "from X to Y" and "replaced X with Y". X ends. Group 1 is X. */
export const replacements =
  /\b(?:from|replac(?:es?|ed|ing)|renam(?:ed|ing)|swapp?(?:ed|ing)|trad(?:ed|ing)(?: in)?|instead of|rather than|away from|off|(?<=, )not)\s+(?:the |our |my |a |an |on |in |at )?([\p{L}\p{N}][\p{L}\p{N}.+#'-]*(?: [\p{L}\p{N}][\p{L}\p{N}.+#'-]*){0,2}?)(?=\s+(?:to|with|for|in for|in favou?r of|by|and|last|this|these|since|because|now|yesterday|today|onto|over)\b|\s*[.,!;]|\s*$)/giu;

import * as lists from './word-lists.js';

/**
 * What a person has one of at a time. A line a slot: its name; the verbs (lemmas) it is told with; what stands behind
 * them; and what makes a new value take the place of the former: `always`, or only a `change` ("now", "moved"), because
 * two values may hold at once ("I live in Plagwitz", a part of "I live in Leipzig").
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

/** Read in this order; the first that fits is the one. */
export const slots: readonly Slot[] = [
  line('home', 'live', /^(?:(?:now|currently|back) )?(?:in|at|near|on|outside)\b/i, 'change'),
  line('home', 'move relocate emigrate', /^(?:(?:back|over|house|away) )?(?:to|into)\b/i, 'always'),
  line('home', 'be', /^(?:(?:now|currently) )?(?:based|living) in\b/i, 'change'),
  line('employer', 'work', /^(?:now |currently )?(?:at|for)\b(?! (?:home|night|least|free))/i, 'always'),
  line('employer', 'start begin', /^(?:work(?:ing)? )?(?:at|a (?:new )?job at|with)\b/i, 'always'),
  line('employer', 'join', /^\p{Lu}/u, 'always'),
  line('age', 'be turn', /^(?:now |just )?\d{1,3}(?: years?\b| now\b|[.,!]|$)/i, 'always'),
  line('age', 'turn', /^\d{1,3}\b/, 'always'),
  line(
    'status',
    'be',
    /^(?:now |newly )?(?:married|single|divorced|engaged|separated|widowed|dating)\b/i,
    'always',
  ),
];

export const diets = lists.diets;

/** Verbs that tell a liking, and those that tell a dislike. */
export const likings = new Set('like love enjoy adore'.split(' '));
export const dislikes = new Set('hate dislike detest loathe despise'.split(' '));

/** Verbs that end what their object names: "sold the Golf", "quit the choir". */
export const endings = new Set(
  'sell quit stop cancel drop ditch scrap retire lose die end abandon divorce dump close return donate uninstall remove unsubscribe deprecate shelve'.split(
    ' ',
  ),
);

/** Endings told with several words. */
export const endingPhrases =
  /\b(?:no longer|any ?more|no more|(?:broke|break|breaking|split|splitting|broken) up|passed away|(?:gave|give|given|giving) up|got rid of|handed in (?:my|the) notice|used to|fell through|called off|moved out|went off|gave away|threw (?:out|away)|shut down|(?:got|been|was|were) (?:laid off|fired|stolen|cancell?ed|scrapped|discontinued)|(?:is|are) (?:gone|over|cancell?ed|dead|off)|put (?:him|her|it) down)\b/i;

/** Words that tell a change of something that goes on. */
export const changes =
  /\b(?:now|instead|actually|switch(?:ed|ing)?|mov(?:ed|ing)|chang(?:ed|ing)|upgrad(?:ed|ing)|downgraded|migrat(?:ed|ing)|replac(?:ed|ing)|renamed|postponed|rescheduled|pushed|delayed|brought forward|bumped|slipped|swapped|correction|was wrong|i meant|turns out|these days|grown on me|raised|lowered|increased|reduced|became|becomes?|new|another|third|fourth)\b/i;

/** "From X to Y", "replaced X with Y": X is what ends. Group 1 is X. */
export const replacements =
  /\b(?:from|replac(?:ed|ing)|swapp?(?:ed|ing)|trad(?:ed|ing)(?: in)?|instead of|rather than|away from|off)\s+(?:the |our |my |a |an )?([\p{L}\p{N}][\p{L}\p{N}.+#'-]*(?: [\p{L}\p{N}][\p{L}\p{N}.+#'-]*){0,2}?)(?=\s+(?:to|with|for|in favou?r of|by|and|last|this|yesterday|today|onto|over)\b|\s*[.,!;]|\s*$)/giu;

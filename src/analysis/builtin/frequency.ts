/** Matches words for a repetition: "every morning", "twice a week", "on Tuesdays". */
export const often =
  /\b(?:every (?:single )?(?:day|other day|morning|evening|night|afternoon|week|weekend|month|year|summer|winter|spring|autumn|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|(?:once|twice|\w+ times) (?:a|per|every) (?:day|week|month|year)|on (?:(?:mon|tues|wednes|thurs|fri|satur|sun)days|weekends|weekdays)|on (?:mon|tues|wednes|thurs|fri|satur|sun)day (?:mornings|evenings|nights|afternoons)|in the (?:mornings|evenings|afternoons)|daily|weekly)\b/i;

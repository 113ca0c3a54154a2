const cues = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));

/** Words that show an interest if users say them about themselves on several pages. */
export const interests: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Travel Interest', cues('travel trip travelling traveling backpacking sightseeing roadtrip')],
  [
    'Food Interest',
    cues(
      'food cooking bake baking recipe cuisine sourdough dish flavor flavour spice pasta curry ramen sushi pizza barbecue grill',
    ),
  ],
  [
    'Music Interest',
    cues(
      'music guitar piano violin cello drums album concert band orchestra choir song songwriting vinyl jazz opera',
    ),
  ],
  [
    'Literature Interest',
    cues('novel book poetry poem author literature reading bookstore library fiction memoir'),
  ],
  ['Film Interest', cues('film movie cinema documentary screenplay screenwriting anime ')],
  [
    'Art Interest',
    cues(
      'art paint painting sketch drawing pottery ceramics sculpture gallery museum watercolor canvas photography',
    ),
  ],
  [
    'Sports Interest',
    cues(
      'sport sports tennis football soccer basketball climbing bouldering cycling swimming yoga gym hike hiking triathlon skiing surfing workout jog',
    ),
  ],
  [
    'Tech Interest',
    cues(
      'technology tech programming code coding software server algorithm computer robotics python javascript linux machine-learning gadget ',
    ),
  ],
  [
    'Science Interest',
    cues('physics chemistry biology astronomy telescope science experiment neuroscience geology quantum'),
  ],
  ['Education Interest', cues('education teaching pedagogy tutoring')],
  ['Psychology Interest', cues('psychology')],
  ['Family Concern', cues('wife husband son daughter kids children family')],
  ['Health Concern', cues('diet fitness nutrition wellness mindfulness')],
  ['Financial Management Interest', cues('finance finances budgeting saving investing investment stocks')],
  ['Fashion Interest', cues('fashion outfit sneakers wardrobe designer sewing ')],
  ['Gaming Interest', cues('videogame gaming playstation xbox nintendo rpg chess boardgame esports')],
  ['Animal Concern', cues('animal dog puppy cat kitten pet horse rabbit parrot hamster bird chicken')],
  [
    'Environmental Concern',
    cues(
      'environment climate recycling sustainability sustainable pollution solar compost biodiversity conservation',
    ),
  ],
  ['History Interest', cues('history archaeology genealogy')],
  ['Political Concern', cues('politics election parliament activism')],
  ['Religious Interest', cues('church mosque synagogue prayer faith bible quran religion')],
  ['Social Media Activity', cues('instagram tiktok youtube blog podcast vlog')],
]);

const cues = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));

/** Words that, said of oneself on several pages, speak for an interest. */
export const interests: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'Travel Interest',
    cues(
      'travel trip flight vacation backpacking sightseeing itinerary hostel airport abroad passport roadtrip cruise',
    ),
  ],
  [
    'Food Interest',
    cues(
      'cook cooking bake baking recipe cuisine sourdough dish flavor flavour spice pasta curry ramen sushi pizza barbecue grill',
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
  ['Film Interest', cues('film movie cinema director documentary screenplay screenwriting anime ')],
  [
    'Art Interest',
    cues(
      'paint painting sketch drawing pottery ceramics sculpture gallery museum watercolor canvas photography',
    ),
  ],
  [
    'Sports Interest',
    cues(
      'tennis football soccer basketball climbing bouldering cycling swimming yoga gym hike hiking triathlon skiing surfing workout jog',
    ),
  ],
  [
    'Tech Interest',
    cues(
      'programming code coding software server algorithm computer robotics python javascript linux machine-learning gadget ',
    ),
  ],
  [
    'Science Interest',
    cues('physics chemistry biology astronomy telescope science experiment neuroscience geology quantum'),
  ],
  ['Education Interest', cues('course degree university exam thesis lecture tutor student')],
  [
    'Psychology Interest',
    cues('psychology therapy therapist mindfulness counseling counselling psychologist'),
  ],
  [
    'Family Concern',
    cues(
      'wife husband son daughter kids children child mother father mom mum dad parents brother sister grandmother grandfather grandma grandpa',
    ),
  ],
  [
    'Health Concern',
    cues(
      'doctor diet allergy allergic diagnosis diagnosed medication symptom symptoms hospital injury diabetes asthma migraine physiotherapy checkup vaccine blood-pressure',
    ),
  ],
  [
    'Financial Management Interest',
    cues('budget saving savings invest investing investment mortgage stocks pension loan taxes dividend etf'),
  ],
  ['Fashion Interest', cues('fashion outfit sneakers wardrobe designer sewing ')],
  ['Gaming Interest', cues('videogame gaming playstation xbox nintendo rpg chess boardgame esports console')],
  [
    'Animal Concern',
    cues('dog puppy cat kitten pet vet rescue shelter horse rabbit parrot hamster bird chicken'),
  ],
  [
    'Environmental Concern',
    cues('climate recycling sustainability sustainable pollution solar compost biodiversity conservation'),
  ],
  ['History Interest', cues('history historical medieval archaeology ancient empire genealogy')],
  [
    'Political Concern',
    cues('politics election government policy parliament protest campaign senator voting'),
  ],
  [
    'Religious Interest',
    cues('church mosque temple synagogue prayer pray faith bible quran god religion ramadan'),
  ],
  [
    'Social Media Activity',
    cues('instagram tiktok youtube twitter blog podcast followers influencer vlog facebook reddit'),
  ],
]);

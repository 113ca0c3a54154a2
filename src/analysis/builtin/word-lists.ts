const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));

/** Relatives of whom a person has only one. */
export const onlyRelations = words(
  'wife husband partner boyfriend girlfriend fiance fiancé fiancee fiancée spouse mother father mom mum mommy dad daddy stepmother stepfather stepmom stepdad mother-in-law father-in-law boss manager therapist',
);

/** Relatives and companions, singular. */
export const relations = new Set([
  ...onlyRelations,
  ...words(
    'brother sister son daughter kid child baby twin grandson granddaughter grandchild grandmother grandfather grandma grandpa granny gran nan nana grandad granddad aunt uncle cousin nephew niece brother-in-law sister-in-law stepbrother stepsister stepson stepdaughter half-brother half-sister friend neighbor neighbour colleague coworker co-worker roommate flatmate housemate mentor ex',
  ),
]);

/** Words for the same relative; the first one stands for all. */
const kin = [
  'mother mom mum mummy mommy mama',
  'father dad daddy papa',
  'grandmother grandma granny gran nan nana',
  'grandfather grandpa grandad granddad',
  'husband hubby',
].map((line) => line.split(' '));

/** The word that stands for all words for a relative. */
export function kinOf(word: string): string {
  return kin.find((names) => names.includes(word))?.[0] ?? word;
}

export const pets = words(
  'dog puppy pup cat kitten kitty hamster rabbit bunny parrot parakeet budgie canary bird fish goldfish turtle tortoise snake lizard gecko iguana horse pony donkey goat sheep chicken hen duck pig cow llama alpaca bee ferret rat mouse gerbil chinchilla hedgehog frog spider tarantula beagle labrador lab retriever shepherd collie corgi dachshund poodle terrier bulldog pug husky spaniel greyhound whippet chihuahua rottweiler dalmatian setter pointer mastiff doodle goldendoodle labradoodle shiba akita samoyed schnauzer boxer maltese pomeranian tabby siamese ragdoll persian cockatiel cockatoo guinea-pig axolotl',
);

/** Heads of job titles. */
export const occupations = words(
  'accountant actor actress analyst architect artist astronomer attorney baker banker barber barista bartender biologist blogger bookkeeper bookseller botanist builder butcher caretaker caregiver carpenter cashier chef chemist cleaner clerk coach composer consultant contractor cook counselor counsellor courier curator dancer dentist designer detective developer dietitian diplomat director doctor driver economist editor electrician engineer entrepreneur farmer filmmaker firefighter fisherman florist freelancer gardener geologist goldsmith guard guide hairdresser historian housekeeper illustrator inspector instructor interpreter investor janitor jeweler journalist judge lab-technician lawyer lecturer librarian lifeguard machinist manager masseur mathematician mechanic midwife miner model musician nanny neurologist novelist nurse nutritionist officer optician painter paramedic pastor pathologist pediatrician pharmacist philosopher photographer physician physicist physiotherapist pianist pilot planner plumber poet policeman policewoman politician porter postman potter priest principal producer professor programmer psychiatrist psychologist psychotherapist radiologist realtor receptionist researcher sailor salesman saleswoman salesperson scientist sculptor secretary singer sociologist soldier solicitor songwriter statistician steward stewardess student surgeon surveyor tailor teacher technician therapist trader trainer translator tutor undergraduate undergrad vet veterinarian waiter waitress welder writer yoga-teacher zoologist apprentice intern trainee postdoc freelancer paralegal accountant strategist marketer copywriter tester administrator supervisor foreman dispatcher bricklayer roofer blacksmith beekeeper brewer winemaker tattooist cellist violinist guitarist drummer',
);

/** Other nouns that "I am a …" says about a person for a long time. */
export const identities = words(
  'vegetarian vegan pescatarian christian muslim jew buddhist hindu catholic atheist agnostic introvert extrovert widow widower veteran immigrant refugee orphan twin grandmother grandfather grandparent mother mom mum father dad parent homeowner volunteer night-owl perfectionist minimalist cyclist runner hiker climber gamer birdwatcher collector',
);

export const diets = words('vegetarian vegan pescatarian gluten-free keto kosher halal');

/** Illnesses and conditions that people say they have. */
export const conditions = words(
  'asthma diabetes migraine migraines arthritis adhd autism epilepsy anxiety depression insomnia dyslexia celiac coeliac eczema psoriasis hypertension tinnitus anemia anaemia endometriosis fibromyalgia lupus scoliosis osteoporosis glaucoma hypothyroidism ocd ptsd ibs crohn pcos vertigo sciatica hayfever tendonitis cancer allergy allergies intolerance pacemaker',
);

export const possessions = words(
  'car truck van campervan motorbike motorcycle scooter bike bicycle e-bike boat sailboat yacht kayak canoe house apartment flat condo cabin cottage farm garden allotment greenhouse guitar piano violin cello ukulele drums keyboard synthesizer camera laptop computer pc phone iphone tablet ipad kindle console playstation xbox switch drone telescope printer tent surfboard skateboard snowboard skis bicycle record-player typewriter watch sofa couch oven espresso-machine bakery restaurant cafe café shop store business company startup studio gym salon ranch vineyard treehouse tesla honda toyota volvo bmw',
);

/** Events at a certain time: "I have an interview on Monday". */
export const appointments = words(
  'appointment meeting interview flight exam examination test surgery operation date wedding concert class presentation trip party recital marathon race game match tournament audition ceremony graduation checkup check-up scan conference deadline reservation booking rehearsal performance exhibition anniversary holiday vacation visit course workshop tour camp retreat gig reunion barbecue bbq picnic fundraiser show festival getaway campaign cookout sleepover',
);

/** Institutions that employ people. */
export const employers = words(
  'company startup start-up hospital school university college bank council firm agency studio restaurant cafe café library clinic shop store supermarket lab laboratory charity nonprofit non-profit ngo government ministry office bakery bar pub hotel museum airport farm factory newspaper magazine publisher theatre theater zoo shelter warehouse pharmacy brewery kindergarten nursery daycare church foundation institute department bookstore bookshop garage salon gym airline railway army navy police consultancy practice station call-centre call-center',
);

/** Homes without a name. */
export const dwellings = words(
  'town village city countryside suburb suburbs apartment flat house studio dorm dormitory farm cabin cottage bungalow houseboat loft neighborhood neighbourhood mountains coast island country state region area county',
);

/** Nouns that are too general to say what somebody likes, owns or plans. */
export const emptyHeads = words(
  'idea ideas fact feeling moment moments part time times day days question questions problem issue word words point story look sound view suggestion suggestions advice answer plan plans name style attitude spirit energy vibe vibes mess way job work result results chance bit couple everything detail details info information message photo photos pic pics picture pictures video videos post comment link update news minute second year week month reason choice choices tip tips thought thoughts heart passion enthusiasm support help friendship journey world life people guy guys place places thanks fun experience experiences memory memories thing things project projects accomplishment milestone success adventure adventures win progress',
);

export const instruments = words(
  'piano guitar violin cello drums flute saxophone sax trumpet clarinet ukulele bass harp banjo accordion keyboard viola oboe harmonica trombone organ recorder mandolin bagpipes',
);

export const sportsAndGames = words(
  'tennis football soccer basketball volleyball baseball softball hockey cricket rugby badminton squash golf chess poker bridge pool snooker darts handball lacrosse padel pickleball table-tennis ping-pong video-games videogames dungeons d&d go backgammon paintball frisbee',
);

/** Nouns that express a judgement of the moment. */
export const judgements = words(
  'amazing awesome great good nice cool lovely wonderful fantastic incredible stunning gorgeous beautiful breathtaking delicious tasty yummy fun funny hilarious interesting fascinating inspiring impressive exciting thrilling rewarding fulfilling magical special perfect excellent brilliant terrific fabulous cute adorable pretty sweet epic wild crazy insane intense unreal unforgettable memorable meaningful important crucial essential vital key powerful touching moving heartwarming uplifting refreshing relaxing soothing calming peaceful therapeutic cathartic terrible horrible awful bad sad boring annoying frustrating weird strange scary tough hard difficult challenging easy helpful useful worth worthwhile pleasant charming elegant cozy comfy super solid neat dope sick lit fire chill',
);

/** Temporary feelings. */
export const moods = words(
  'happy glad excited thrilled stoked pumped hyped psyched proud grateful thankful blessed lucky tired exhausted sleepy bored sad upset angry mad annoyed frustrated stressed overwhelmed nervous anxious worried scared relieved calm relaxed content amazed surprised shocked confused curious sorry jealous lonely ready busy fine ok okay well better hungry thirsty sick motivated inspired determined eager impressed hopeful optimistic passionate honored humbled touched moved lost stuck down free alive',
);

/** Abstract nouns, mostly for feelings. */
export const abstracts = words(
  'experience journey joy happiness love passion dream hope peace energy effort support help challenge growth strength courage beauty nature moment memory memories feeling emotion vibe spirit soul heart mind life world people change difference impact connection community creativity inspiration motivation confidence freedom escape adventure fun excitement perspective understanding respect kindness trust balance progress success goal opportunity chance step path chapter purpose sense power truth importance reminder way part thing things something anything everything nothing stuff lot kind bit type aspect side look touch mood atmosphere conversation chat talk story stories advice thought thoughts idea ideas',
);

import type { FakeTask } from '../../tests/support/fake-openai/tasks.js';
import { wordsOf } from '../../tests/support/fake-openai/text.js';

/**
 * Tokens (o200k_base) of the original's templates, system and user message together, with nothing filled in:
 * `memoryos-pypi/prompts.py` of BAI-LAB/MemoryOS at 7e36842. The baseline is counted with these; the test server
 * gets instructions to the same effect in our own words.
 */
export const originalTokens = {
  continuity: 60,
  metaInfo: 127,
  multiSummary: 101,
  profile: 907,
  knowledge: 220,
};

export type OriginalTask = keyof typeof originalTokens;

export const instructions: Record<OriginalTask, string> = {
  continuity:
    'You judge continuity of dialogue. Are the following two pages one conversation without a change of topic? Answer with the single word true or false and nothing else at all.',
  metaInfo: `You keep the running summary of a dialogue up to date.
- Begin with the summary there is, if there is one, and keep what is still relevant in it.
- Work in what the new exchange adds or changes, so that the whole stays coherent.
- One or two sentences at most. Answer with the updated summary only, without explanations.
The summary so far and the new exchange follow; the updated summary is what you write after them.`,
  multiSummary: `You analyse what dialogues are about. Name the topics of the conversation below, two at most, as briefly as you can: a theme of a few words, keywords, and a very short summary. Answer with a JSON array such as
[{"theme": "a few words", "keywords": ["one", "two"], "content": "a short summary"}]`,
  profile: `You analyse what a user prefers. Go through the conversation and update the profile of the user by the dimensions below. For each dimension decide whether the conversation reflects it; if it does, give its level, High, Medium or Low, and briefly why, with time, people and context where possible. Leave out dimensions nothing is said about. Keep what the existing profile says and integrate what is new. Write Dimension ( Level ) and the reason, the profile only.
Basic needs and personality:
${describe({
  Extraversion: 'seeks the company of others',
  Openness: 'open to new ideas and experience',
  Agreeableness: 'friendly and cooperative',
  Conscientiousness: 'responsible and well organised',
  Neuroticism: 'emotional stability and sensitivity',
  'Physiological Needs': 'comfort and basic needs',
  'Need for Security': 'safety and stability matter',
  'Need for Belonging': 'wants to be part of a group',
  'Need for Self-Esteem': 'wants respect and recognition',
  'Cognitive Needs': 'wants to know and understand',
  'Aesthetic Appreciation': 'values beauty and art',
  'Self-Actualization': 'wants to reach the full potential',
  'Need for Order': 'likes things clean and in order',
  'Need for Autonomy': 'decides and acts independently',
  'Need for Power': 'wants influence over others',
  'Need for Achievement': 'values accomplishments',
})}
Alignment of the assistant:
${describe({
  Helpfulness: 'how useful the answers have to be for the user',
  Honesty: 'how truthful the assistant is expected to be',
  Safety: 'how far sensitive or harmful content is avoided',
  'Instruction Compliance': 'how strictly instructions are to be followed',
  Truthfulness: 'how accurate and authentic content has to be',
  Coherence: 'how clear and consistent answers have to be',
  Complexity: 'prefers detailed and complex information',
  Conciseness: 'prefers brief and clear answers',
})}
Interests in content:
${describe({
  'Science Interest': 'interested in science',
  'Education Interest': 'concerned with learning',
  'Psychology Interest': 'interested in psychology',
  'Family Concern': 'family and parenting',
  'Fashion Interest': 'interested in fashion',
  'Art Interest': 'engages with art',
  'Health Concern': 'health and way of life',
  'Financial Management Interest': 'finance and budgeting',
  'Sports Interest': 'sports and exercise',
  'Food Interest': 'cooking and cuisine',
  'Travel Interest': 'travelling to new places',
  'Music Interest': 'hears or makes music',
  'Literature Interest': 'literature and reading',
  'Film Interest': 'films and cinema',
  'Social Media Activity': 'how active on social media',
  'Tech Interest': 'technology and innovation',
  'Environmental Concern': 'environment and sustainability',
  'History Interest': 'history and its topics',
  'Political Concern': 'political and social issues',
  'Religious Interest': 'religion and spirituality',
  'Gaming Interest': 'video games or board games',
  'Animal Concern': 'animals or pets',
  'Emotional Expression': 'direct or restrained in showing emotion',
  'Sense of Humor': 'humorous or serious',
  'Information Density': 'detailed or concise information',
  'Language Style': 'formal or casual tone',
  Practicality: 'practical advice or theory',
})}`,
  knowledge: `You extract what is known about the user and about the assistant from a conversation. About the user: personal information, preferences, private facts. About the assistant: what it explicitly did, provided or demonstrated. Be as concise and factual as possible and use the shortest phrases you can.
Answer in two sections:
【User Private Data】
- [fact]: [minimal context with the entities and the time]
- (write "None" if there is nothing)
【Assistant Knowledge】
- Assistant [did what] at [time or context]
- Assistant [showed which ability] during [context]
- (write "None" if there is nothing)
The conversation follows.`,
};

function describe(dimensions: Record<string, string>): string {
  return Object.entries(dimensions)
    .map(([dimension, meaning]) => `${dimension}: ${meaning}.`)
    .join('\n');
}

const lastMessage = (messages: readonly { content: string }[]) => messages.at(-1)?.content ?? '';
const begin = (text: string, characters: number) => text.slice(0, characters).toWellFormed();

function task(name: OriginalTask, answer: (data: string) => string): FakeTask {
  return { name, line: instructions[name], answer: (messages) => answer(lastMessage(messages)) };
}

/** Answers of realistic length, made from the prompt: summaries of a sentence or two, a profile of ten lines. */
export const originalTasks = (themesMax: 1 | 2): readonly FakeTask[] => [
  task('continuity', (data) => String(data.length % 2 === 0)),
  task('metaInfo', (data) => begin(data, 160)),
  task('multiSummary', (data) => {
    // One theme for each side of the page, at most two, as the original's prompt allows. Each theme gets a copy of the page.
    const sides = data.split('\nAssistant: ').filter((side) => wordsOf(side).length > 3);
    const themes = (sides.length === 0 ? [data] : sides).slice(0, themesMax).map((side) => {
      const keywords = [...new Set(wordsOf(side))].slice(0, 4);
      return { theme: keywords.slice(0, 2).join(' '), keywords, content: begin(side, 120) };
    });
    return JSON.stringify(themes);
  }),
  task('profile', (data) => {
    const known = data.split('\n').filter((line) => line.startsWith('Dimension '));
    const found = [1, 2].map(
      (n) =>
        `Dimension ${known.length + n} ( High ): ${begin(data.slice(-200 * n), 110).replaceAll('\n', ' ')}`,
    );
    return [...known, ...found].slice(0, 20).join('\n');
  }),
  task(
    'knowledge',
    (data) => `【User Private Data】\n- ${begin(data, 120)}\n【Assistant Knowledge】\n- None`,
  ),
];

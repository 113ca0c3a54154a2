import * as z from 'zod';
import { instantSchema, pageIdSchema } from './page.js';

/** The dimensions of the user profile in the paper's three groups (MemoryOS, EMNLP 2025, appendix). */
export const profileDimensions = {
  needs_and_personality: [
    'Extraversion',
    'Openness',
    'Agreeableness',
    'Conscientiousness',
    'Neuroticism',
    'Physiological Needs',
    'Need for Security',
    'Need for Belonging',
    'Need for Self-Esteem',
    'Cognitive Needs',
    'Aesthetic Appreciation',
    'Self-Actualization',
    'Need for Order',
    'Need for Autonomy',
    'Need for Power',
    'Need for Achievement',
  ],
  ai_alignment: [
    'Helpfulness',
    'Honesty',
    'Safety',
    'Instruction Compliance',
    'Truthfulness',
    'Coherence',
    'Complexity',
    'Conciseness',
  ],
  content_interests: [
    'Science Interest',
    'Education Interest',
    'Psychology Interest',
    'Family Concern',
    'Fashion Interest',
    'Art Interest',
    'Health Concern',
    'Financial Management Interest',
    'Sports Interest',
    'Food Interest',
    'Travel Interest',
    'Music Interest',
    'Literature Interest',
    'Film Interest',
    'Social Media Activity',
    'Tech Interest',
    'Environmental Concern',
    'History Interest',
    'Political Concern',
    'Religious Interest',
    'Gaming Interest',
    'Animal Concern',
    'Emotional Expression',
    'Sense of Humor',
    'Information Density',
    'Language Style',
    'Practicality',
  ],
} as const;

export const profileGroups = ['needs_and_personality', 'ai_alignment', 'content_interests'] as const;
export type ProfileGroup = (typeof profileGroups)[number];

/** Whether the group has the dimension, in the spelling of {@link profileDimensions}. */
export function isProfileDimension(group: ProfileGroup, dimension: string): boolean {
  return (profileDimensions[group] as readonly string[]).includes(dimension);
}

/** One trait of the user profile. A profile has at most one trait for each dimension. */
export const traitSchema = z
  .strictObject({
    group: z.enum(profileGroups),
    dimension: z.string(),
    level: z.enum(['High', 'Medium', 'Low']),
    reason: z.string().min(1),
    /** The pages the trait rests on. Empty only for traits imported without pages. */
    page_ids: z.array(pageIdSchema),
    updated_at: instantSchema,
    analysed_by: z.string(),
  })
  .refine((trait) => isProfileDimension(trait.group, trait.dimension), 'unknown dimension of the profile');
export type Trait = z.infer<typeof traitSchema>;

/** Identifies a trait within one user's profile: `group/dimension`. */
export function traitKey({
  group,
  dimension,
}: {
  readonly group: string;
  readonly dimension: string;
}): string {
  return `${group}/${dimension}`;
}

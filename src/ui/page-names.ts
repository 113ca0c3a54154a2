/** The pages, in the order of the navigation. The address of a page ends in `#/` and its name. */
export const pageNames = [
  'overview',
  'ask',
  'timeline',
  'topics',
  'knowledge',
  'profile',
  'log',
  'settings',
] as const;

export type PageName = (typeof pageNames)[number];

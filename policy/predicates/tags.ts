/** Tags that every taggable resource carries, so that a bill or an incident finds its owner. */
export const requiredTags = ["owner", "cost-center", "project", "environment", "managed-by"] as const;
export type RequiredTag = (typeof requiredTags)[number];

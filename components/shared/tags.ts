export type Tags = Readonly<Record<string, string>>;

export interface TagContext {
  environment: string;
  /** Tags of the stack file. They may name another owner or cost centre, never another project, environment or manager. */
  tags?: Tags;
}

/** Tags of every resource of a stack, set once as `defaultTags` of the provider. */
export function commonTags(context: TagContext): Record<string, string> {
  return {
    owner: "platform",
    "cost-center": "platform",
    ...context.tags,
    project: "slipway",
    environment: context.environment,
    "managed-by": "pulumi",
  };
}

/** Tags of a component merged over by those of a child. */
export function mergeTags(...layers: readonly (Tags | undefined)[]): Record<string, string> {
  return Object.assign({}, ...layers) as Record<string, string>;
}

import type { RequiredTag } from "../../policy/predicates/tags.ts";

export type Tags = Readonly<Record<string, string>>;

export interface TagContext {
  environment: string;
  /** Tags of the stack file. They may name another owner or cost centre, never another project, environment or manager. */
  tags?: Tags;
}

/** Tags of every resource of a stack, set once as `defaultTags` of the provider. */
export function commonTags(context: TagContext): Record<string, string> {
  const own: Record<RequiredTag, string> = {
    owner: "platform",
    "cost-center": "platform",
    project: "slipway",
    environment: context.environment,
    "managed-by": "pulumi",
  };
  const { project, environment, "managed-by": manager } = own;
  return { ...own, ...context.tags, project, environment, "managed-by": manager };
}

/** Tags of a component merged over by those of a child. */
export function mergeTags(...layers: readonly (Tags | undefined)[]): Record<string, string> {
  return Object.assign({}, ...layers) as Record<string, string>;
}

import { failures, tagsAll, validTags } from "../build.ts";
import type { TypeSpec } from "../type-spec.ts";

export interface AwsType extends TypeSpec {
  /** Takes tags, which the provider merges with its default tags into the input `tagsAll`. */
  taggable?: boolean;
}

/** What all AWS resources have in common: tags, `tagsAll`, and the `region` they were made in. */
export function awsType({ taggable = false, ...spec }: AwsType): TypeSpec {
  const own = spec.outputs;
  const check = spec.validate;
  return {
    ...spec,
    ...(spec.global === true ? {} : { replaceOn: [...(spec.replaceOn ?? []), "region"] }),
    ...(taggable ? { derived: tagsAll } : {}),
    validate: (inputs, context) => failures(check?.(inputs, context), taggable ? validTags(inputs) : []),
    outputs: (inputs, id, context) => ({
      ...(spec.global === true ? {} : { region: context.region }),
      ...own?.(inputs, id, context),
    }),
  };
}

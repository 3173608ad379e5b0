import type * as pulumi from "@pulumi/pulumi";

/** What a caller may change about one child: arguments merged over the defaults, or a function that returns new ones. */
export type Transform<A extends object> =
  Partial<A> | ((args: A, opts: pulumi.CustomResourceOptions, name: string) => Transformed<A>);

export interface Transformed<A extends object> {
  args: A;
  opts?: pulumi.CustomResourceOptions;
}

/**
 * Name, arguments and options of a child, ready to be spread into its constructor:
 * `new aws.s3.Bucket(...transform(args.transform?.bucket, name, defaults, opts))`.
 * Neither the defaults nor the options are changed in place.
 */
export function transform<A extends object>(
  change: Transform<A> | undefined,
  name: string,
  defaults: A,
  opts: pulumi.CustomResourceOptions,
): [name: string, args: A, opts: pulumi.CustomResourceOptions] {
  if (change === undefined) return [name, defaults, opts];
  if (typeof change !== "function") return [name, { ...defaults, ...change }, opts];
  const changed = change({ ...defaults }, { ...opts }, name);
  return [name, changed.args, { ...opts, ...changed.opts }];
}

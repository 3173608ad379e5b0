import * as pulumi from "@pulumi/pulumi";

/** One problem in the form every validator uses. */
export function problem(field: string, got: unknown, rule: string, action: string): string {
  return `\`${field}\`: got ${JSON.stringify(got)}, expected ${rule}. ${action}`;
}

/** Ends a constructor with all problems at once, at the resource, without a stack trace. */
export function assertValid(component: pulumi.Resource, name: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new pulumi.ResourceError(`${name} cannot be built:\n${problems.join("\n")}`, component, true);
}

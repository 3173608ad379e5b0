import type * as pulumi from "@pulumi/pulumi";
import { type Place, boundaryArn, environmentPrefix } from "./names.ts";

const roleType = "aws:iam/role:Role";
/** Longest name of a role. */
const maxLength = 64;

/**
 * Name of a role that the program leaves unnamed. It begins with its environment, which is how policies tell the program's roles
 * from all others.
 * @throws RangeError for a name that IAM would refuse as too long.
 */
export function boundedName(place: Place, logicalName: string): string {
  const name = `${environmentPrefix(place)}${logicalName}`;
  if (name.length <= maxLength) return name;
  throw new RangeError(`role name "${name}" has ${name.length} characters, at most ${maxLength} are allowed.`);
}

/**
 * Engine-side transform that puts every role of a stack under the boundary and gives it a name of its environment. Registered for
 * the whole stack, it reaches the roles inside remote components too, and no component can forget it.
 * @param boundary The boundary itself: roles are made after it.
 */
export function boundRoles(place: Place, boundary: pulumi.Resource): pulumi.ResourceTransform {
  return ({ type, name, props, opts }) => {
    if (type !== roleType) return undefined;
    const bounded = {
      ...props,
      name: (props.name as unknown) ?? boundedName(place, name),
      permissionsBoundary: boundaryArn(place),
    };
    // What the engine hands to a transform is a plain list.
    const before = (opts.dependsOn ?? []) as pulumi.Resource[];
    return { props: bounded, opts: { ...opts, dependsOn: [...before, boundary] } };
  };
}

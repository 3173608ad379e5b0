import { createHash } from "node:crypto";

import type { CloudResource, Properties, TypeContext } from "../../../sandbox/types/type-spec.ts";

export const account = "111111111111";

/** A context over a handful of resources, for tables that need no cloud. */
export function contextWith(resources: readonly CloudResource[] = [], more: Partial<TypeContext> = {}): TypeContext {
  return {
    urn: "urn:pulumi:dev::slipway::type::subject",
    name: "subject",
    account,
    region: "eu-west-1",
    partition: "aws",
    suffix: (length) => createHash("sha512").update("subject").digest("hex").slice(0, length),
    find: (type, where) =>
      resources.filter(
        (resource) => resource.type === type && (where === undefined || resource.inputs[where.input] === where.value),
      ),
    now: () => "2026-01-01T00:00:00.000Z",
    ...more,
  };
}

export function resource(type: string, id: string, inputs: Properties, outputs: Properties = inputs): CloudResource {
  const urn = `urn:pulumi:dev::slipway::${type}::${id}`;
  return { account, region: "eu-west-1", type, id, urn, inputs, outputs, createdAt: "2026-01-01T00:00:00.000Z" };
}

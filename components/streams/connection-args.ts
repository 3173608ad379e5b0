import type * as mongodbatlas from "@pulumi/mongodbatlas";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionSpec } from "./definition.ts";

/** A connection as the provider takes it. Secrets are marked here: the provider itself lets headers and addresses show. */
export function connectionArgs(
  { value, secrets }: ConnectionSpec,
  place: { projectId: string; workspaceName: pulumi.Input<string> },
): mongodbatlas.StreamConnectionArgs {
  const { name, type, $schema: _, ...rest } = value;
  const settings = Object.entries(rest).map(([key, setting]) => [
    key,
    secrets.includes(key) ? pulumi.secret(setting) : setting,
  ]);
  return { ...place, connectionName: name, type, ...(Object.fromEntries(settings) as object) };
}

/**
 * Options of a connection. A workspace has one of a name, so that one that must be replaced goes before the other comes: Atlas refuses
 * that while processors use it, and another name is the way then.
 */
export function connectionOptions({ secrets }: ConnectionSpec): pulumi.CustomResourceOptions {
  return { deleteBeforeReplace: true, ...(secrets.length > 0 && { additionalSecretOutputs: [...secrets] }) };
}

import { parseDocument } from "yaml";
import type { EphemeralSettings } from "../../config/ephemeral.ts";
import type { Claim } from "./claims.ts";

/** The file of a stack, which git ignores for names of this kind. */
export const stackFile = (stack: string): string => `Pulumi.${stack}.yaml`;

/**
 * The stack file of a pull request: that of the template, in another account. It has no identity of workflows, which its account has already or does
 * without, and no stream processing, whose processors would write to where those of the template write: branches have
 * workspaces of their own for that (`slipway:streams.features`).
 */
export function stackFileFor(template: string, { stack, account }: Claim, { role }: EphemeralSettings): string {
  const before = parseDocument(template).getIn(["config", "slipway:account", "id"]);
  const document = parseDocument(typeof before === "string" ? template.replaceAll(before, account) : template);
  const config = (...path: string[]) => ["config", ...path];
  document.setIn(config("slipway:account", "id"), account);
  if (role !== undefined)
    document.setIn(config("slipway:account", "assumeRole"), `arn:aws:iam::${account}:role/${role}`);
  const environment = String(document.getIn(config("slipway:environment")));
  document.setIn(config("slipway:gitops", "branch"), `manifests/${stack}/${environment}`);
  for (const key of ["slipway:github", "slipway:streams"]) document.deleteIn(config(key));
  return document.toString();
}

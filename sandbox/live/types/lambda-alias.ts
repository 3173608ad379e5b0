/**
 * Aliases and who may call.
 *
 * What holds in the emulator (MiniStack 1.5.33): an alias keeps its routing weights and never weighs them; `aws-api/emulator_extras.py`
 * makes them count for calls by the API, through API Gateway and by events. With weights the versions take turns (of ten calls at 0.1
 * exactly one), where Lambda draws lots. The answer of a call says in `ExecutedVersion` which version gave it.
 *
 * Once it is there, CodeDeploy moves the alias, and the program ignores where it stands. An alias is therefore only made, and
 * corrected when the record itself says something else than it said last.
 */
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteAliasCommand,
  GetAliasCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";

import type { CloudResource } from "../../types/type-spec.ts";
import { block, compact, found, orUndefined, string, text, value } from "./build.ts";
import type { LiveType } from "./live-type.ts";

export const alias: LiveType = {
  ensure: async (clients, resource, { before, deployedVersion }) => {
    const lambda = await clients.lambda();
    const at = { FunctionName: functionOf(resource), Name: string(resource, "name") };
    if (!(await found(lambda.send(new GetAliasCommand(at))))) {
      const { account, region } = resource;
      // An alias that was here and is not any more got lost with the emulator's state; one that was deleted begins anew.
      const left = before && deployedVersion({ account, region, functionName: at.FunctionName, alias: at.Name });
      const target = left === undefined ? targetOf(resource) : { ...targetOf(resource), ...only(left) };
      await lambda.send(new CreateAliasCommand({ ...at, ...target }));
    } else if (before === undefined || !sameTarget(before, resource))
      await lambda.send(new UpdateAliasCommand({ ...at, ...targetOf(resource) }));
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.lambda()).send(
        new DeleteAliasCommand({ FunctionName: functionOf(resource), Name: string(resource, "name") }),
      ),
    ),
};

const only = (FunctionVersion: string) => ({
  FunctionVersion,
  RoutingConfig: { AdditionalVersionWeights: {} },
});

function targetOf(resource: CloudResource) {
  const weights = Object.entries(block(block(value(resource, "routingConfig"))["additionalVersionWeights"]));
  return {
    FunctionVersion: string(resource, "functionVersion"),
    Description: text(value(resource, "description")) ?? "",
    RoutingConfig: {
      AdditionalVersionWeights: Object.fromEntries(weights.map(([version, weight]) => [version, Number(weight)])),
    },
  };
}

function sameTarget(before: CloudResource, after: CloudResource): boolean {
  return JSON.stringify(targetOf(before)) === JSON.stringify(targetOf(after));
}

export const permission: LiveType = {
  ensure: async (clients, resource) => {
    const lambda = await clients.lambda();
    const at = placeOf(resource);
    await orUndefined(lambda.send(new RemovePermissionCommand(at)));
    await lambda.send(
      new AddPermissionCommand({
        ...at,
        Action: string(resource, "action"),
        Principal: string(resource, "principal"),
        ...compact({
          SourceArn: text(value(resource, "sourceArn")),
          SourceAccount: text(value(resource, "sourceAccount")),
        }),
      }),
    );
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.lambda()).send(new RemovePermissionCommand(placeOf(resource)))),
};

function placeOf(resource: CloudResource) {
  return compact({
    FunctionName: functionOf(resource, "function"),
    StatementId: string(resource, "statementId") || resource.id,
    Qualifier: text(value(resource, "qualifier")),
  });
}

/** The name alone of what may be a name, an ARN or a qualified ARN. */
function functionOf(resource: CloudResource, property = "functionName"): string {
  const given = string(resource, property);
  return given.startsWith("arn:") ? (given.split(":")[6] ?? given) : given;
}

import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";

import { orUndefined, string } from "./build.ts";
import type { LiveType } from "./live-type.ts";

const stateMachine: LiveType = {
  ensure: async (clients, resource) => {
    const sfn = await clients.sfn();
    const stateMachineArn = string(resource, "arn");
    const definition = string(resource, "definition");
    const roleArn = string(resource, "roleArn");
    const existing = await orUndefined(sfn.send(new DescribeStateMachineCommand({ stateMachineArn })));
    if (existing !== undefined) {
      if (existing.definition !== definition || existing.roleArn !== roleArn)
        await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition, roleArn }));
      return;
    }
    const type = string(resource, "type") === "EXPRESS" ? "EXPRESS" : "STANDARD";
    await sfn.send(new CreateStateMachineCommand({ name: string(resource, "name"), definition, roleArn, type }));
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.sfn()).send(new DeleteStateMachineCommand({ stateMachineArn: string(resource, "arn") })),
    ),
};

export const statesTypes: Readonly<Record<string, LiveType>> = { "aws:sfn/stateMachine:StateMachine": stateMachine };

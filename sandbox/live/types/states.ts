import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeStateMachineCommand,
  ListStateMachineVersionsCommand,
  UpdateStateMachineCommand,
  type SFNClient,
} from "@aws-sdk/client-sfn";

import type { CloudResource } from "../../types/type-spec.ts";
import { orUndefined, string, value } from "./build.ts";
import type { LiveType } from "./live-type.ts";

const stateMachine: LiveType = {
  ensure: async (clients, resource) => {
    const sfn = await clients.sfn();
    // Where nothing is published, the record keeps naming the last version, with another definition.
    const version = value(resource, "publish") === true ? string(resource, "stateMachineVersionArn") : "";
    const wanted = [string(resource, "arn"), ...(version === "" ? [] : [version])];
    const standing = await Promise.all(wanted.map((arn) => stands(sfn, resource, arn)));
    if (standing.every(Boolean)) return;
    await apply(sfn, resource);
    if (version !== "") await publish(sfn, resource, version);
  },
  remove: async (clients, resource) => remove(await clients.sfn(), resource),
};

/** Whether a machine, or a version of it, is there and as it should be. */
async function stands(sfn: SFNClient, resource: CloudResource, stateMachineArn: string): Promise<boolean> {
  const found = await orUndefined(sfn.send(new DescribeStateMachineCommand({ stateMachineArn })));
  return found?.definition === string(resource, "definition") && found.roleArn === string(resource, "roleArn");
}

async function apply(sfn: SFNClient, resource: CloudResource): Promise<void> {
  const [definition, roleArn] = [string(resource, "definition"), string(resource, "roleArn")];
  const update = { stateMachineArn: string(resource, "arn"), definition, roleArn };
  if ((await orUndefined(sfn.send(new UpdateStateMachineCommand(update)))) !== undefined) return;
  const type = string(resource, "type") === "EXPRESS" ? "EXPRESS" : "STANDARD";
  await sfn.send(new CreateStateMachineCommand({ name: string(resource, "name"), definition, roleArn, type }));
}

/**
 * Publishes until the version on record is there. An emulator that starts from nothing counts from one, so versions before it are
 * published with the same definition; one that has counted further than the record, or has another definition under this number,
 * starts the machine over, for numbers are never given twice.
 */
async function publish(sfn: SFNClient, resource: CloudResource, version: string): Promise<void> {
  const stateMachineArn = string(resource, "arn");
  const again = new UpdateStateMachineCommand({ stateMachineArn, publish: true });
  const numberOf = (arn = "") => Number(arn.split(":").pop());
  const wanted = numberOf(version);
  for (;;) {
    const last = numberOf((await sfn.send(again)).stateMachineVersionArn);
    if (Number.isNaN(last)) throw new Error(`${stateMachineArn} was published, but no version came back`);
    if (last === wanted) return;
    if (last < wanted) continue;
    await remove(sfn, resource);
    await apply(sfn, resource);
  }
}

/** The emulator keeps the versions of a machine that is gone; AWS does not. */
async function remove(sfn: SFNClient, resource: CloudResource): Promise<void> {
  const stateMachineArn = string(resource, "arn");
  const listed = await orUndefined(sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn })));
  for (const { stateMachineVersionArn } of listed?.stateMachineVersions ?? [])
    await sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn }));
  await orUndefined(sfn.send(new DeleteStateMachineCommand({ stateMachineArn })));
}

export const statesTypes: Readonly<Record<string, LiveType>> = { "aws:sfn/stateMachine:StateMachine": stateMachine };

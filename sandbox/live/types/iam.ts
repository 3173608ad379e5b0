import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetRoleCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";

import type { CloudResource } from "../../types/type-spec.ts";
import { found, orUndefined, string, text, value } from "./build.ts";
import type { LiveType } from "./live-type.ts";

const role: LiveType = {
  ensure: async (clients, resource) => {
    const iam = await clients.iam();
    const RoleName = string(resource, "name");
    const document = string(resource, "assumeRolePolicy");
    if (await found(iam.send(new GetRoleCommand({ RoleName }))))
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: document }));
    else {
      const Path = text(value(resource, "path")) ?? "/";
      await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: document }));
    }
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.iam()).send(new DeleteRoleCommand({ RoleName: string(resource, "name") }))),
};

const rolePolicy: LiveType = {
  ensure: async (clients, resource) =>
    (await clients.iam()).send(
      new PutRolePolicyCommand({
        RoleName: string(resource, "role"),
        PolicyName: string(resource, "name"),
        PolicyDocument: string(resource, "policy"),
      }),
    ),
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.iam()).send(
        new DeleteRolePolicyCommand({ RoleName: string(resource, "role"), PolicyName: string(resource, "name") }),
      ),
    ),
};

const policy: LiveType = {
  ensure: async (clients, resource) => {
    const iam = await clients.iam();
    if (await found(iam.send(new GetPolicyCommand({ PolicyArn: string(resource, "arn") })))) return;
    await iam.send(
      new CreatePolicyCommand({
        PolicyName: string(resource, "name"),
        Path: text(value(resource, "path")) ?? "/",
        PolicyDocument: string(resource, "policy"),
      }),
    );
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.iam()).send(new DeletePolicyCommand({ PolicyArn: string(resource, "arn") }))),
};

const attachment: LiveType = {
  ensure: async (clients, resource) => {
    // Policies of AWS itself are not in the emulator.
    if (string(resource, "policyArn").includes("::aws:")) return;
    await (await clients.iam()).send(new AttachRolePolicyCommand(attached(resource)));
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.iam()).send(new DetachRolePolicyCommand(attached(resource)))),
};

function attached(resource: CloudResource): { RoleName: string; PolicyArn: string } {
  return { RoleName: string(resource, "role"), PolicyArn: string(resource, "policyArn") };
}

export const iamTypes: Readonly<Record<string, LiveType>> = {
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/policy:Policy": policy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": attachment,
};

import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from "@aws-sdk/client-secrets-manager";

import { found, orUndefined, string } from "./build.ts";
import type { LiveType } from "./live-type.ts";

const secret: LiveType = {
  ensure: async (clients, resource) => {
    const secrets = await clients.secrets();
    const Name = string(resource, "name");
    if (!(await found(secrets.send(new DescribeSecretCommand({ SecretId: Name })))))
      await secrets.send(new CreateSecretCommand({ Name, Description: string(resource, "description") }));
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.secrets()).send(
        new DeleteSecretCommand({ SecretId: string(resource, "name"), ForceDeleteWithoutRecovery: true }),
      ),
    ),
};

const version: LiveType = {
  ensure: async (clients, resource) => {
    const secrets = await clients.secrets();
    const SecretId = nameOf(string(resource, "secretId"));
    const SecretString = string(resource, "secretString");
    const current = await orUndefined(secrets.send(new GetSecretValueCommand({ SecretId })));
    if (current?.SecretString !== SecretString)
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  },
  // Versions go with their secret: the last one cannot be taken away.
  remove: async () => undefined,
};

/** The emulator ends the ARNs of its secrets with letters of its own; names mean the same there and here. */
function nameOf(secretId: string): string {
  return secretId.startsWith("arn:") ? secretId.split(":").slice(6).join(":").slice(0, -7) : secretId;
}

export const secretTypes: Readonly<Record<string, LiveType>> = {
  "aws:secretsmanager/secret:Secret": secret,
  "aws:secretsmanager/secretVersion:SecretVersion": version,
};

import { fileURLToPath } from "node:url";
import {
  CreateDatabaseCommand,
  CreateJobCommand,
  CreateTableCommand,
  DeleteDatabaseCommand,
  DeleteJobCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetJobCommand,
  GetTableCommand,
  UpdateDatabaseCommand,
  UpdateJobCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-glue";

import type { CloudResource } from "../../types/type-spec.ts";
import { block, compact, found, list, orUndefined, string, text, value } from "./build.ts";
import type { LiveType } from "./live-type.ts";

const runner = fileURLToPath(new URL("../spark/run_job.py", import.meta.url));
/** The emulator's limit for one job, in seconds; it takes a job's timeout for seconds, too. */
const jobTimeoutSeconds = 600;

const database: LiveType = {
  ensure: async (clients, resource) => {
    const glue = await clients.glue();
    const Name = string(resource, "name");
    const DatabaseInput = compact({
      Name,
      Description: text(value(resource, "description")),
      LocationUri: text(value(resource, "locationUri")),
    });
    if (await found(glue.send(new GetDatabaseCommand({ Name }))))
      await glue.send(new UpdateDatabaseCommand({ Name, DatabaseInput }));
    else await glue.send(new CreateDatabaseCommand({ DatabaseInput }));
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.glue()).send(new DeleteDatabaseCommand({ Name: string(resource, "name") }))),
};

const table: LiveType = {
  ensure: async (clients, resource) => {
    const glue = await clients.glue();
    const DatabaseName = string(resource, "databaseName");
    const TableInput = tableInput(resource);
    if (await found(glue.send(new GetTableCommand({ DatabaseName, Name: TableInput.Name }))))
      await glue.send(new UpdateTableCommand({ DatabaseName, TableInput }));
    else await glue.send(new CreateTableCommand({ DatabaseName, TableInput }));
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.glue()).send(
        new DeleteTableCommand({ DatabaseName: string(resource, "databaseName"), Name: string(resource, "name") }),
      ),
    ),
};

function tableInput(resource: CloudResource) {
  const storage = block(value(resource, "storageDescriptor"));
  const serde = block(storage["serDeInfo"]);
  return compact({
    Name: string(resource, "name"),
    Description: text(value(resource, "description")),
    TableType: text(value(resource, "tableType")),
    Parameters: value(resource, "parameters") as Record<string, string> | undefined,
    PartitionKeys: list(value(resource, "partitionKeys")).map(column),
    StorageDescriptor: compact({
      Columns: list(storage["columns"]).map(column),
      Location: text(storage["location"]),
      InputFormat: text(storage["inputFormat"]),
      OutputFormat: text(storage["outputFormat"]),
      Parameters: storage["parameters"] as Record<string, string> | undefined,
      SerdeInfo: compact({
        Name: text(serde["name"]),
        SerializationLibrary: text(serde["serializationLibrary"]),
        Parameters: serde["parameters"] as Record<string, string> | undefined,
      }),
    }),
  });
}

function column(item: unknown): { Name: string; Type?: string; Comment?: string } {
  const { name, type, comment } = block(item);
  return compact({ Name: text(name) ?? "", Type: text(type), Comment: text(comment) }) as { Name: string };
}

/** The emulator runs a Python shell job as a local process; the runner inside makes a Spark job of it. */
const job: LiveType = {
  ensure: async (clients, resource) => {
    const glue = await clients.glue();
    const JobName = string(resource, "name");
    const JobUpdate = {
      Role: string(resource, "roleArn"),
      Command: { Name: "pythonshell", PythonVersion: "3", ScriptLocation: runner },
      DefaultArguments: runnerArguments(resource),
      Timeout: jobTimeoutSeconds,
      GlueVersion: string(resource, "glueVersion") || "5.0",
    };
    if (await found(glue.send(new GetJobCommand({ JobName }))))
      await glue.send(new UpdateJobCommand({ JobName, JobUpdate }));
    else await glue.send(new CreateJobCommand({ Name: JobName, ...JobUpdate }));
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.glue()).send(new DeleteJobCommand({ JobName: string(resource, "name") }))),
};

/** The job's own arguments, and what the runner has to know: where the real script is and whose it is. */
function runnerArguments(resource: CloudResource): Record<string, string> {
  const own = block(value(resource, "defaultArguments"));
  const command = block(value(resource, "command"));
  return {
    ...Object.fromEntries(Object.entries(own).map(([name, argument]) => [name, String(argument)])),
    "--SLIPWAY_JOB_NAME": string(resource, "name"),
    "--SLIPWAY_JOB_SCRIPT": text(command["scriptLocation"]) ?? "",
    "--SLIPWAY_JOB_ACCOUNT": resource.account,
    "--SLIPWAY_JOB_REGION": resource.region,
  };
}

export const glueTypes: Readonly<Record<string, LiveType>> = {
  "aws:glue/catalogDatabase:CatalogDatabase": database,
  "aws:glue/catalogTable:CatalogTable": table,
  "aws:glue/job:Job": job,
};

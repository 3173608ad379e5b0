import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateStateMachineCommand, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { sha256 } from "../../automation/release/canonical.ts";
import { reproducibleZip } from "../../automation/release/zip.ts";
import type { AwsClientConfig } from "../../automation/verify/check-kind.ts";
import { writeFiles } from "../git/throw-away.ts";

const fixture = (name: string) => readFileSync(join(import.meta.dirname, "fixtures", name));
const role = "arn:aws:iam::222222222222:role/test";

export const goodFile = fixture("visits.int96.parquet");

/** What a good run of the sample leaves behind, by staged key. */
export const goodResults: Readonly<Record<string, string | Buffer>> = {
  "processed/_state/current.json": json({ schema: 1, version: 1, snapshot: "_state/snapshots/1-RUNID.json" }),
  "processed/_state/snapshots/1-RUNID.json": json(snapshot("day=2026-01-31")),
  "processed/visits/run=RUNID/day=2026-01-31/part-0.parquet": goodFile,
  "processed/_runs/RUNID/report.json": json({
    ...{ schema: 1, runId: "RUNID", mode: "verification", version: 1, outcome: "published" },
    datasets: { visits: { ...counts(), checksum: facts().checksum } },
    files: { accepted: 1, rejected: [], skipped: [] },
    quality: {},
  }),
  "quarantine/rows/visits/run=RUNID/part-0.json": ["late_row", "missing_value"]
    .map((reason, at) => json({ dataset: "visits", key: "k", line: at + 5, reason, detail: "", raw: "x" }))
    .join("\n"),
};

export function snapshot(folder: string): object {
  const location = `s3://processed/verification/RUNID/visits/run=RUNID/${folder}`;
  return {
    schema: 1,
    version: 1,
    runId: "RUNID",
    datasets: { visits: { partitions: { "2026-01-31": { location, rows: 3 } } } },
  };
}

function facts(): { rows: number; columns: unknown; checksum: string } {
  return JSON.parse(fixture("visits.json").toString("utf8")) as ReturnType<typeof facts>;
}

function counts() {
  return { read: 5, new: 3, replaced: 0, rows: 3, partitions: 1, quarantined: { late_row: 1, missing_value: 1 } };
}

export function json(value: unknown): string {
  return JSON.stringify(value);
}

/** Writes a program with the sample `data/samples/tiny`. */
export function writeSample(root: string): void {
  const csv = "visit_id,at\nV1,2026-01-31T00:00:00Z\n";
  const { columns, checksum } = facts();
  writeFiles(root, {
    "data/samples/tiny/visits.csv": csv,
    "data/samples/tiny/expected.json": json({
      ...{ schema: 1, seed: 1, orders: 5, files: { "incoming/visits/visits.csv": sha256(csv) } },
      datasets: { visits: { ...counts(), columns, checksum } },
    }),
  });
}

/** Buckets, a function that plays the pipeline, and state machines around it. */
export class StandIn {
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  readonly #lambda: LambdaClient;
  readonly #endpoint: string;

  constructor(config: AwsClientConfig) {
    this.s3 = new S3Client({ ...config, forcePathStyle: true });
    this.sfn = new SFNClient(config);
    this.#lambda = new LambdaClient(config);
    this.#endpoint = config.endpoint ?? "";
  }

  async create(): Promise<void> {
    for (const Bucket of ["raw", "processed", "quarantine", "staged"])
      await this.s3.send(new CreateBucketCommand({ Bucket }));
    const code = [{ path: "stand_in.py", mode: "100644" as const, content: fixture("stand_in.py") }];
    const named = { FunctionName: "stand-in" };
    await this.#lambda.send(
      new CreateFunctionCommand({
        ...{ ...named, Runtime: "python3.11", Role: role, Handler: "stand_in.handler", Timeout: 30 },
        Code: { ZipFile: reproducibleZip(code) },
        Environment: { Variables: { STAND_IN_ENDPOINT: this.#endpoint } },
      }),
    );
    await waitUntilFunctionActiveV2({ client: this.#lambda, maxWaitTime: 30 }, named);
    await this.#lambda.send(new GetFunctionCommand(named));
  }

  /** Stages the good results with these changes. */
  async stage(changes: Record<string, string | Buffer> = {}): Promise<void> {
    for (const [Key, Body] of Object.entries({ ...goodResults, ...changes }))
      await this.s3.send(new PutObjectCommand({ Bucket: "staged", Key, Body }));
  }

  async unstage(keys: readonly string[]): Promise<void> {
    for (const Key of keys) await this.s3.send(new DeleteObjectCommand({ Bucket: "staged", Key }));
  }

  /** Removes everything that a run left. */
  async clear(): Promise<void> {
    for (const Bucket of ["raw", "processed", "quarantine"])
      for (const Key of await this.keys(Bucket)) await this.s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }

  /** ARN of a machine with these states, the first of which begins. */
  async machine(name: string, states: Record<string, object>): Promise<string> {
    const definition = json({ QueryLanguage: "JSONata", StartAt: Object.keys(states)[0], States: states });
    const { stateMachineArn = "" } = await this.sfn.send(
      new CreateStateMachineCommand({ name, definition, roleArn: role }),
    );
    return stateMachineArn;
  }

  /** Invokes the stand-in and ends. */
  invocation(): object {
    const call = { FunctionName: "stand-in", Payload: "{% $states.input %}" };
    return { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Arguments: call, Next: "Done" };
  }

  async keys(Bucket: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key = "" }) => Key);
  }

  async statuses(stateMachineArn: string): Promise<(string | undefined)[]> {
    const { executions = [] } = await this.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    return executions.map(({ status }) => status);
  }

  async close(): Promise<void> {
    await this.#lambda.send(new DeleteFunctionCommand({ FunctionName: "stand-in" })).catch(() => undefined);
    for (const client of [this.s3, this.sfn, this.#lambda]) client.destroy();
  }
}

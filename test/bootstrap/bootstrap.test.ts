import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { Foundation } from "../../automation/bootstrap/addresses.ts";
import { bootstrap, type BootstrapReport } from "../../automation/bootstrap/bootstrap.ts";
import { exportStack } from "../../automation/engine/stack.ts";
import { ExitCode } from "../../automation/errors.ts";
import { readLedger } from "../../automation/promotion/ledger.ts";
import { openStore } from "../../automation/store/open.ts";
import { openWorkspace } from "../../automation/workspace.ts";
import { failsWith } from "../git/throw-away.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";
import {
  canary,
  clientsOf,
  contextFor,
  environmentFor,
  makeFoundation,
  makeProject,
  removeProject,
} from "./project.ts";

const stepNames = [
  ...["local-state", "operations-up", "foundation", "encrypted-state"],
  ...["remote-stack", "migrated-state", "recorded", "retired-local-state"],
];

describe("bootstrap", function () {
  this.timeout(300_000);
  let cloud: MiniStack;
  let buckets = 0;
  const projects: string[] = [];

  before(async () => {
    cloud = await startMiniStack();
  });
  after(async () => {
    for (const directory of projects) removeProject(directory);
    await cloud.stop();
  });

  const make = async (): Promise<{ directory: string; foundation: Foundation }> => {
    const foundation = await makeFoundation(clientsOf(cloud), `slipway-state-${(buckets += 1)}`);
    const directory = makeProject(foundation);
    projects.push(directory);
    return { directory, foundation };
  };
  const run = async (directory: string, more: Record<string, string> = {}): Promise<BootstrapReport> => {
    const context = contextFor(directory, { ...environmentFor(directory, cloud), ...more });
    return bootstrap(context, await openWorkspace(context));
  };
  const runUntil = async (directory: string, step: string): Promise<void> => {
    const script = join(import.meta.dirname, "bootstrap-process.ts");
    const child = spawn(process.execPath, [script, directory, step], {
      env: environmentFor(directory, cloud),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = once(child, "close");
    const said = await Promise.race([once(child.stdout, "data"), closed]);
    assert.equal(String(said[0]), `after ${step}\n`);
    child.kill("SIGKILL");
    await closed;
  };
  const outcomes = (report: BootstrapReport) => report.steps.map(({ outcome }) => outcome);

  /** State is in the bucket with its resources, its secret opens with the key alone, and nothing of it is in clear in any file or object of it. */
  const assertShared = async (directory: string, report: BootstrapReport): Promise<void> => {
    const environment = { ...environmentFor(directory, cloud), PULUMI_BACKEND_URL: report.addresses.backend };
    const context = contextFor(directory, environment);
    const workspace = await openWorkspace(context);
    const ref = { stack: "operations", workDir: directory, environment };
    const { deployment } = await exportStack(await workspace.cli(), ref);
    const resources = (deployment as { resources: { urn: string }[] }).resources.map(({ urn }) =>
      urn.split("::").at(-1),
    );
    assert.deepEqual(resources.sort(), ["default_1_0_0", "one", "slipway-operations"]);
    const shown = execFileSync(
      (await workspace.cli()).path,
      ["stack", "export", "--show-secrets", "--stack=operations"],
      {
        ...{ cwd: directory, env: environment, encoding: "utf8", stdio: "pipe" },
      },
    );
    assert.ok(shown.includes(canary));
    assert.match(
      readFileSync(join(directory, "Pulumi.operations.yaml"), "utf8"),
      /secretsprovider: awskms:\/\/\/arn:/u,
    );
    assert.ok(!readdirSync(join(directory, ".slipway", "bootstrap")).includes("passphrase"));
    for (const [name, text] of await everything(directory, report.foundation.bucket))
      assert.ok(!text.includes(canary), `${name} holds the secret in clear`);
  };

  async function everything(directory: string, Bucket: string): Promise<[string, string][]> {
    const { s3 } = clientsOf(cloud);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket }));
    const objects = (listed.Contents ?? []).map(async ({ Key = "" }): Promise<[string, string]> => {
      const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return [`s3://${Bucket}/${Key}`, (await object.Body?.transformToString()) ?? ""];
    });
    const files = readdirSync(join(directory, ".slipway", "bootstrap"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("~"))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file): [string, string] => [file, readFileSync(file, "latin1")]);
    return [...(await Promise.all(objects)), ...files];
  }

  it("makes state shared, says what to set, and changes nothing the second time, here or elsewhere", async () => {
    const { directory, foundation } = await make();
    const first = await run(directory);
    assert.deepEqual(first.foundation, foundation);
    assert.deepEqual(
      first.steps.map(({ name, outcome }) => [name, outcome]),
      stepNames.map((name) => [name, "done"]),
    );
    await assertShared(directory, first);
    const again = await run(directory);
    assert.deepEqual(again.addresses, first.addresses);
    assert.ok(outcomes(again).every((outcome) => outcome === "was-done"));
    const elsewhere = makeProject(foundation);
    projects.push(elsewhere);
    const there = await run(elsewhere, { PULUMI_BACKEND_URL: first.addresses.backend });
    assert.deepEqual(there, again);
  });

  it("is killed after every step, goes on from there each time, and ends as if nothing had been", async () => {
    const { directory } = await make();
    for (const step of stepNames) await runUntil(directory, step);
    const report = await run(directory);
    assert.ok(outcomes(report).every((outcome) => outcome === "was-done"));
    await assertShared(directory, report);
    const environment = { ...cloud.environment(), SLIPWAY_STORE: report.addresses.store };
    const store = await openStore({ root: directory, environment, directory });
    const records = await readLedger(store, "operations");
    assert.equal(records.at(-1)?.kind, "promoted");
    assert.ok(records.every(({ kind, fence }) => ["promoted", "interrupted"].includes(kind) && fence !== undefined));
    assert.equal(readFileSync(join(directory, "journal.txt"), "utf8").match(/create/gu)?.length, 1);
  });

  it("goes on after the CLI was killed inside a step: half encrypted, or with its lock left in the bucket", async () => {
    const { directory, foundation } = await make();
    await runUntil(directory, "foundation");
    const state = join(directory, ".slipway/bootstrap/state/.pulumi/stacks/slipway/operations.json");
    const old = readFileSync(state, "utf8");
    await runUntil(directory, "remote-stack");
    // The CLI writes the stack file first, then the state.
    writeFileSync(state, old);
    const Key = ".pulumi/locks/organization/slipway/operations/00000000-0000-0000-0000-000000000000.json";
    const lock = { pid: 2 ** 30, username: "x", hostname: hostname(), timestamp: "2026-01-01T00:00:00Z" };
    const { s3 } = clientsOf(cloud);
    await s3.send(new PutObjectCommand({ Bucket: foundation.bucket, Key, Body: JSON.stringify(lock) }));
    const report = await run(directory);
    assert.deepEqual(outcomes(report).slice(3, 6), ["done", "was-done", "done"]);
    await assertShared(directory, report);
  });

  it("does not make a state anew that has got lost", async () => {
    const { directory, foundation } = await make();
    await run(directory);
    const { s3 } = clientsOf(cloud);
    for (const suffix of ["", ".bak"])
      await s3.send(
        new DeleteObjectCommand({
          Bucket: foundation.bucket,
          Key: `.pulumi/stacks/slipway/operations.json${suffix}`,
        }),
      );
    await assert.rejects(run(directory), failsWith(ExitCode.notFound, /state-migrated-/u));
    const folder = join(directory, ".slipway/bootstrap");
    const kept = readdirSync(folder).find((name) => name.startsWith("state-migrated-")) ?? "";
    renameSync(join(folder, kept), join(folder, "state"));
    await assertShared(directory, await run(directory));
  });

  it("refuses a bucket that lost its versions, and goes on when that is mended", async () => {
    const { directory, foundation } = await make();
    const { s3 } = clientsOf(cloud);
    const version = (Status: "Enabled" | "Suspended") =>
      s3.send(new PutBucketVersioningCommand({ Bucket: foundation.bucket, VersioningConfiguration: { Status } }));
    await version("Suspended");
    await assert.rejects(run(directory), failsWith(ExitCode.usage, /versioning is Suspended/u));
    await version("Enabled");
    const report = await run(directory);
    assert.deepEqual(outcomes(report).slice(0, 3), ["was-done", "was-done", "done"]);
  });

  it("leaves another state in the bucket alone", async () => {
    const { directory, foundation } = await make();
    await run(directory);
    const other = makeProject({ ...foundation });
    projects.push(other);
    await assert.rejects(run(other), failsWith(ExitCode.unexpected, /already holds another state/u));
    await assert.rejects(
      run(other, { PULUMI_BACKEND_URL: "file:///nowhere" }),
      failsWith(ExitCode.usage, /without an operations stack/u),
    );
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { addressesOf } from "../../automation/bootstrap/addresses.ts";
import type { PulumiCli } from "../../automation/engine/cli.ts";
import type { OperationResult } from "../../automation/engine/operation.ts";
import { createStack, exportStack } from "../../automation/engine/stack.ts";
import { ExitCode } from "../../automation/errors.ts";
import { failsWith } from "../git/throw-away.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";
import { createTinyStack, type TinyStack } from "../support/tiny-stack.ts";
import { account, clientsOf, makeFoundation } from "./project.ts";
import { runRecovering } from "../../automation/engine/recovering.ts";

describe("state in a bucket", function () {
  this.timeout(120_000);
  let cloud: MiniStack;
  let tiny: TinyStack;
  let cli: PulumiCli;
  let environment: Record<string, string>;
  let bucket = "";
  let buckets = 0;

  before(async () => {
    cloud = await startMiniStack();
  });
  after(() => cloud.stop());
  beforeEach(async () => {
    const foundation = await makeFoundation(clientsOf(cloud), (bucket = `slipway-shared-${(buckets += 1)}`));
    tiny = createTinyStack();
    const { backend, secretsProvider } = addressesOf(foundation, cloud.environment());
    environment = { ...tiny.environment, ...cloud.environment(account), PULUMI_BACKEND_URL: backend };
    delete environment["PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER"];
    cli = await tiny.cli();
    await createStack(cli, { stack: "shared", workDir: tiny.directory, environment, secretsProvider });
  });
  afterEach(() => tiny.remove());

  const said: string[] = [];
  const up = (more: { onStart?: (engine: { pid: number }) => void } = {}): Promise<OperationResult> =>
    runRecovering(cli, {
      ...tiny.operation("up", { stack: "shared", environment }),
      report: (line) => said.push(line),
      ...more,
    });
  const items = async () => {
    const ref = { stack: "shared", workDir: tiny.directory, environment };
    const { deployment } = await exportStack(cli, ref);
    const { resources = [] } = deployment as { resources?: { urn: string }[] };
    return resources.flatMap(({ urn }) => (urn.includes("::tiny:index:Item::") ? [urn.split("::").at(-1)] : [])).sort();
  };
  const locks = async () => {
    const listed = await clientsOf(cloud).s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: ".pulumi/locks/" }),
    );
    return (listed.Contents ?? []).map(({ Key = "" }) => Key);
  };
  const childrenOf = (pid: number): number[] =>
    execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([child, parent]) => (child !== undefined && parent === pid ? [child] : []));
  const begun = async (name: string) => {
    while (!journal().includes(`begin ${name}`)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const journal = () => {
    try {
      return readFileSync(tiny.environment["TINY_JOURNAL"] ?? "", "utf8");
    } catch {
      return "";
    }
  };

  it("is free again after its engine was killed, and the next run takes over where that one stood", async () => {
    tiny.setItems([{ name: "a" }, { name: "b", gate: tiny.gate("b"), dependsOn: ["a"] }]);
    let engine = 0;
    const killed = up({ onStart: ({ pid }) => void (engine = pid) });
    await begun("b");
    const plugins = childrenOf(engine);
    process.kill(engine, "SIGKILL");
    // They wait for an engine that is gone, and in groups of their own.
    for (const plugin of plugins) process.kill(plugin, "SIGKILL");
    assert.notEqual((await killed).outcome, "succeeded");
    assert.equal((await locks()).length, 1);
    tiny.openGate("b");
    assert.equal((await up()).outcome, "succeeded");
    assert.match(said.at(-1) ?? "", /Removed a stale lock of stack shared: its holder, process \d+/u);
    assert.deepEqual(await items(), ["a", "b"]);
    assert.deepEqual(await locks(), []);
  });

  it("takes one of two drivers; the other is told who has it and takes nothing away", async () => {
    tiny.setItems([{ name: "a", gate: tiny.gate("a") }]);
    const first = up();
    await begun("a");
    const held = await locks();
    await assert.rejects(up(), failsWith(ExitCode.leaseHeld, new RegExp(`@${hostname()}.*process \\d+`, "u")));
    assert.deepEqual(await locks(), held);
    tiny.openGate("a");
    assert.equal((await first).outcome, "succeeded");
    assert.deepEqual(await items(), ["a"]);
    tiny.setItems([{ name: "a" }, { name: "b" }]);
    assert.equal((await up()).outcome, "succeeded");
    assert.deepEqual(await items(), ["a", "b"]);
  });

  it("does not guess about the lock of another machine", async () => {
    const Key = ".pulumi/locks/organization/tiny/shared/00000000-0000-0000-0000-000000000000.json";
    const lock = { pid: 1, username: "ci", hostname: "runner-of-yesterday", timestamp: "2026-01-01T00:00:00Z" };
    const { s3 } = clientsOf(cloud);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: JSON.stringify(lock) }));
    tiny.setItems([{ name: "a" }]);
    await assert.rejects(up(), failsWith(ExitCode.leaseHeld, /ci@runner-of-yesterday, process 1.*pulumi cancel/u));
    assert.deepEqual(await locks(), [Key]);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    assert.equal((await up()).outcome, "succeeded");
  });
});

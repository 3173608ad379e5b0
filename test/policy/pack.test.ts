import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import rpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { parse } from "yaml";
import { heads } from "../../policy/catalog.ts";
import { nodeDirectory } from "../../automation/engine/environment.ts";
import { urnOf } from "./subjects.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "policy");
const environment = { ...process.env, PATH: `${nodeDirectory(root)}:${process.env["PATH"] ?? ""}` };

/** The ways in which engines start the pack: the first is what Pulumi's own Node language host does. */
const starts: Record<string, () => ChildProcess> = {
  "Pulumi's launcher of policy packs": () =>
    spawn(process.execPath, [join(root, "node_modules/@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:1", "."], {
      cwd: folder,
      env: environment,
    }),
  "the analyzer plugin of this repository": () =>
    spawn(join(folder, "engine", "pulumi-analyzer-policy-slipway"), ["127.0.0.1:1", "."], {
      cwd: join(folder, "engine"),
      env: environment,
    }),
};

/** The port is the first line that a plugin prints. */
async function portOf(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return line.trim();
}

type Client = InstanceType<typeof rpc.AnalyzerClient>;

const info = (client: Client) =>
  new Promise<messages.AnalyzerInfo>((resolve, reject) => {
    client.getAnalyzerInfo(new empty.Empty(), (error, answer) => (error ? reject(error) : resolve(answer)));
  });

/** What the pack says of one resource, as it is in a preview. */
function analyze(client: Client, type: string, props: Record<string, struct.JavaScriptValue>): Promise<string[][]> {
  const request = new messages.AnalyzeRequest();
  request.setType(type);
  request.setUrn(urnOf("prod", type, "logs"));
  request.setName("logs");
  request.setProperties(struct.Struct.fromJavaScript(props));
  request.setOptions(new messages.AnalyzerResourceOptions());
  return new Promise((resolve, reject) => {
    client.analyze(request, (error, answer) =>
      error
        ? reject(error)
        : resolve(answer.getDiagnosticsList().map((each) => [each.getPolicyname(), each.getMessage()])),
    );
  });
}

describe("the policy pack", function () {
  this.timeout(30_000);

  for (const [how, start] of Object.entries(starts))
    it(`serves every rule when started by ${how}`, async () => {
      const child = start();
      const client = new rpc.AnalyzerClient(`127.0.0.1:${await portOf(child)}`, credentials.createInsecure());
      try {
        const served = (await info(client)).getPoliciesList().map((policy) => policy.getName());
        assert.deepEqual(served.sort(), heads.map(({ id }) => id).sort());
        const type = "aws:cloudwatch/logGroup:LogGroup";
        const [found] = await analyze(client, type, { kmsKeyId: pulumi.runtime.unknownValue });
        assert.deepEqual(found?.[0], "log-retention");
        assert.match(found?.[1] ?? "", /retentionInDays: they are kept for ever\. To do: set retentionInDays\.$/m);
        assert.deepEqual(await analyze(client, type, { kmsKeyId: "k", retentionInDays: 30 }), []);
      } finally {
        client.close();
        child.kill();
        await once(child, "exit");
      }
    });

  it("is the same for every engine: one entry, and a plugin that the project names", async () => {
    const project = parse(await readFile(join(root, "Pulumi.yaml"), "utf8")) as { plugins: { analyzers: object[] } };
    assert.deepEqual(project.plugins.analyzers, [{ name: "policy-slipway", path: "policy/engine" }]);
    const runtimes = await Promise.all(
      [folder, join(folder, "engine")].map(
        async (each) => parse(await readFile(join(each, "PulumiPolicy.yaml"), "utf8")) as { runtime: string },
      ),
    );
    assert.deepEqual(
      runtimes.map(({ runtime }) => runtime),
      ["nodejs", "slipway"],
    );
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SlipwayError } from "../../automation/errors.ts";
import { driftProperty, posixQuote, prepareSandbox, resetSandbox, setFault, shellLines } from "../../sandbox/index.ts";
import { answer, pluralOf } from "../../sandbox/kubernetes/rest.ts";
import { diffProperties } from "../../sandbox/server/diff.ts";
import { clusterOf, identityOf, parseConfig } from "../../sandbox/server/identity.ts";
import { decodeProperties, encodeProperties, signatureKey, signatures } from "../../sandbox/server/marshal.ts";
import { sandboxConfig } from "../../sandbox/stack-config.ts";
import { unknown } from "../../sandbox/unknown.ts";

const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const asset = (hash: string, path: string) => ({ [signatureKey]: signatures.asset, hash, path });

describe("sandbox diff", () => {
  const cases: [string, object, object, string[]][] = [
    ["nothing", { a: 1, b: [1, { c: 2 }] }, { a: 1, b: [1, { c: 2 }] }, []],
    ["a value", { a: 1 }, { a: 2 }, ["a update"]],
    ["a nested addition", { a: { b: 1 } }, { a: { b: 1, c: 2 } }, ["a.c add"]],
    ["an awkward key", { tags: {} }, { tags: { "a.b/c": "x" } }, ['tags["a.b/c"] add']],
    ["a list item", { l: [1, 2] }, { l: [1, 3] }, ["l[1] update"]],
    ["a list that shrinks", { l: [1, 2] }, { l: [1] }, ["l[1] delete"]],
    ["null as absent", { a: null }, {}, []],
    ["an unknown", { a: "x" }, { a: unknown }, ["a update"]],
    ["a moved file", { f: asset("1", "/a") }, { f: asset("1", "/b") }, []],
    ["another file", { f: asset("1", "/a") }, { f: asset("2", "/a") }, ["f update"]],
    ["another shape", { a: [1] }, { a: { b: 1 } }, ["a update"]],
    ["a key property", { key: "a", t: 1 }, { key: "b", t: 1 }, ["key update replace"]],
    ["below a key property", { m: { n: { x: 1 } } }, { m: { n: { x: 2 } } }, ["m.n.x update replace"]],
  ];
  for (const [name, olds, news, expected] of cases) {
    it(`finds ${name}`, () => {
      const found = diffProperties(olds, news, { replaceOn: ["key", "m.n"] });
      assert.deepEqual(
        found.map(({ path, kind, replace }) => `${path} ${kind}${replace ? " replace" : ""}`),
        expected,
      );
    });
  }
});

describe("sandbox marshalling", () => {
  it("unwraps secrets, outputs, references and unknowns", () => {
    const wire = {
      plain: "x",
      absent: null,
      secret: { [signatureKey]: signatures.secret, value: { deep: "s" } },
      output: { [signatureKey]: signatures.output, value: 1, secret: true, dependencies: [] },
      pending: { [signatureKey]: signatures.output },
      reference: { [signatureKey]: signatures.resource, urn: "u", id: "i" },
      list: [unknownText, 2],
      file: asset("1", "/a"),
    };
    assert.deepEqual(decodeProperties(wire), {
      plain: "x",
      secret: { deep: "s" },
      output: 1,
      pending: unknown,
      reference: "i",
      list: [unknown, 2],
      file: asset("1", "/a"),
    });
  });

  it("marks secrets and unknowns on the way back", () => {
    assert.deepEqual(encodeProperties({ a: unknown, b: [undefined, { c: undefined }], p: "x", u: undefined }, ["p"]), {
      a: unknownText,
      b: [null, {}],
      p: { [signatureKey]: signatures.secret, value: "x" },
    });
  });
});

describe("sandbox identity", () => {
  const role = { roleArn: "arn:aws:iam::222222222222:role/r" };
  const cases: [string, string, Record<string, unknown>, { account: string; region: string }][] = [
    [
      "allowed account",
      "aws",
      { region: "eu-west-1", allowedAccountIds: '["111111111111"]' },
      { account: "111111111111", region: "eu-west-1" },
    ],
    ["assumed role", "aws", { assumeRole: JSON.stringify(role) }, { account: "222222222222", region: "us-east-1" }],
    ["assumed roles", "aws", { assumeRoles: JSON.stringify([role]) }, { account: "222222222222", region: "us-east-1" }],
    ["nothing at all", "aws", {}, { account: "000000000000", region: "us-east-1" }],
    ["a GitHub owner", "github", { owner: "me" }, { account: "me", region: "" }],
    ["Atlas", "mongodbatlas", {}, { account: "atlas", region: "" }],
  ];
  for (const [name, packageName, config, expected] of cases) {
    it(`takes ${name}`, () => assert.deepEqual(identityOf(packageName, parseConfig(config)), expected));
  }

  it("finds the cluster of a kubeconfig in YAML, by token, by ARN and by server", () => {
    const yaml = "current-context: c\ncontexts:\n- name: c\n  context: {cluster: demo, user: u}\n";
    assert.equal(identityOf("kubernetes", { kubeconfig: yaml }).account, "demo");
    const contexts = [{ name: "c", context: { cluster: "arn:aws:eks:r:1:cluster/prod", user: "u" } }];
    const users = [{ name: "u", user: { exec: { args: ["--cluster-name", "token"] } } }];
    assert.equal(clusterOf({ "current-context": "c", contexts }), "prod");
    assert.equal(clusterOf({ "current-context": "c", contexts, users }), "token");
    const eks = {
      contexts: [{ name: "c", context: { cluster: "kubernetes" } }],
      clusters: [{ name: "kubernetes", cluster: { server: "https://a" } }],
    };
    assert.match(clusterOf(eks) ?? "", /^cluster-[0-9a-f]{10}$/);
  });
});

describe("sandbox shell", () => {
  for (const text of ["plain", "with space", "it's", '$HOME `id` "x" \\', "line\nbreak", "", "-n", "ünï"]) {
    it(`quotes ${JSON.stringify(text)} for a POSIX shell`, () => {
      assert.equal(execFileSync("/bin/sh", ["-c", `printf %s ${posixQuote(text)}`], { encoding: "utf8" }), text);
    });
  }

  it("exports the sandbox and puts its tools first on PATH, once", () => {
    const options = {
      directory: "/s b",
      environment: { PULUMI_HOME: "/s b/home" },
      root: "/r",
      cliDirectory: "/cli",
      path: "/usr/bin:/cli",
    };
    const script = `${shellLines(options)}printf '%s\\n' "$PATH" "$PULUMI_HOME"`;
    const lines = execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }).trim().split("\n");
    assert.deepEqual(lines, ["/s b/bin:/cli:/r/node_modules/.bin:/usr/bin", "/s b/home"]);
  });

  it("replaces only the secrets provider of a stack file", () => {
    const text =
      "secretsprovider: awskms://x\nencryptedkey: AAA\nencryptionsalt: v1:mine\nconfig:\n  a:encryptionsalt: kept\n";
    assert.match(sandboxConfig(text), /^config:\n {2}a:encryptionsalt: kept\nencryptionsalt: v1:[^m]\S+\n$/);
  });
});

describe("sandbox preparation", () => {
  const root = new URL("../../", import.meta.url).pathname;
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-prepare-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const prepare = (where: string) => prepareSandbox({ root, directory: where, node: process.execPath });

  it("is done once and then costs next to nothing", async () => {
    await prepare(directory);
    const before = readFileSync(join(directory, "prepared"), "utf8");
    const started = performance.now();
    await prepare(directory);
    assert.ok(performance.now() - started < 15);
    assert.equal(readFileSync(join(directory, "prepared"), "utf8"), before);
  });

  it("makes a stack once, also for two at the same time", async () => {
    const workspace = await prepare(directory);
    const made = await Promise.all([workspace.ensureStack("dev"), workspace.ensureStack("dev")]);
    assert.deepEqual(made.sort(), [false, true]);
    await assert.rejects(workspace.ensureStack("../dev"), (error) => error instanceof SlipwayError && error.code === 2);
  });

  it("explains a directory that cannot be made", async () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    const isHelpful = (error: unknown) =>
      error instanceof SlipwayError &&
      /a part of its path is a file/.test(error.message) &&
      /SLIPWAY_SANDBOX_DIR/.test(error.next ?? "");
    await assert.rejects(prepare(join(file, "sandbox")), isHelpful);
  });

  it("does not reset what is no sandbox", async () => {
    mkdirSync(join(directory, "precious"));
    await assert.rejects(
      () => resetSandbox(directory),
      (error) => error instanceof SlipwayError && error.code === 2,
    );
  });

  it("refuses senseless faults and unknown resources", async () => {
    await prepare(directory);
    const isUsage = (error: unknown) => error instanceof SlipwayError && error.code === 2;
    assert.throws(() => setFault(directory, { kind: "error", typeGlob: "aws:[*" }), isUsage);
    assert.throws(() => setFault(directory, { kind: "latency", typeGlob: "*" }), isUsage);
    assert.throws(() => setFault(directory, { kind: "error", typeGlob: "*", remaining: 0 }), isUsage);
    const isNotFound = (error: unknown) => error instanceof SlipwayError && error.code === 6;
    assert.throws(() => driftProperty(directory, { resource: "nobody" }, "a", 1), isNotFound);
  });
});

describe("sandbox Kubernetes REST", () => {
  for (const [kind, plural] of [
    ["Deployment", "deployments"],
    ["Ingress", "ingresses"],
    ["NetworkPolicy", "networkpolicies"],
    ["Gateway", "gateways"],
    ["Endpoints", "endpoints"],
  ] as const) {
    it(`knows ${plural}`, () => assert.equal(pluralOf(kind), plural));
  }

  it("lists what is there, and an empty list for what is not", () => {
    const objects = () => [];
    assert.deepEqual(answer("GET", "/clusters/c/api/v1/namespaces/n/pods", objects), {
      code: 200,
      body: { kind: "PodList", apiVersion: "v1", metadata: {}, items: [] },
    });
    assert.equal(answer("GET", "/elsewhere", objects).code, 404);
  });
});

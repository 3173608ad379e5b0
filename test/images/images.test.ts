import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { ExitCode } from "../../automation/errors.ts";
import { type Behaviour, type ImageLab, startImageLab } from "./tools.ts";

const digest = `sha256:${"d".repeat(64)}`;
const id = `sha256:${"e".repeat(64)}`;
/** A docker that builds: it writes the two files that it is asked for. */
const builds: Behaviour = {
  buildx: `while [ $# -gt 0 ]; do
  case "$1" in
    --metadata-file) printf '{"containerimage.digest":"${digest}"}' > "$2" ;;
    --iidfile) printf '${id}' > "$2" ;;
  esac
  shift
done`,
};

describe("slipway images", () => {
  let lab: ImageLab;
  beforeEach(async () => void (lab = await startImageLab()));
  afterEach(() => lab.close());

  const after = (words: readonly string[], option: string) => words[words.indexOf(option) + 1];

  describe("build", () => {
    it("builds from the commit with its time, so that the digest is the same again", async () => {
      await lab.install("docker", builds);
      const result = await lab.images(["build"]);
      assert.equal(result.exitCode, ExitCode.done);
      const [words = []] = await lab.calls();
      assert.deepEqual(words.slice(0, 5), ["docker", "buildx", "build", "--platform", "linux/amd64"]);
      assert.equal(after(words, "--build-arg"), "SOURCE_DATE_EPOCH=1700000000");
      assert.ok(words.includes("--provenance=false"));
      assert.match(
        String(after(words, "--output")),
        /^type=docker,name=slipway\/api:[\da-f]{40},rewrite-timestamp=true$/,
      );
      assert.equal(words.at(-1), "services/api");
      const [image] = result.json["images"] as Record<string, unknown>[];
      const commit = String(after(words, "--label")).replace("org.opencontainers.image.revision=", "");
      assert.deepEqual(image, { service: "api", image: id, digest, commit });
      assert.deepEqual(JSON.parse(await readFile(path.join(lab.root, ".slipway/images/api.json"), "utf8")), image);
    });

    it("refuses what no commit holds", async () => {
      await lab.install("docker", builds);
      await writeFile(path.join(lab.root, "services/api/new.py"), "");
      await assert.rejects(lab.images(["build"]), { code: ExitCode.usage, where: "services/api" });
      assert.deepEqual(await lab.calls(), []);
    });

    const failures: [string, string, number, RegExp][] = [
      [
        "no engine",
        "ERROR: Cannot connect to the Docker daemon at unix:///x.",
        ExitCode.credentials,
        /No container engine/,
      ],
      ["no buildx", "docker: unknown command: docker buildx", ExitCode.usage, /no buildx/],
      ["no rights", "ERROR: push access denied, unauthorized", ExitCode.credentials, /registry refuses/],
      [
        "a broken Dockerfile",
        "ERROR: failed to solve: x",
        ExitCode.resourceFailed,
        /ended with 1: ERROR: failed to solve: x$/,
      ],
    ];
    for (const [what, says, code, message] of failures)
      it(`explains ${what}`, async () => {
        await lab.install("docker", { buildx: `echo '${says}' >&2; exit 1` });
        await assert.rejects(lab.images(["build"]), { code, message });
      });

    it("says what to install when there is no docker", async () => {
      await assert.rejects(lab.images(["build"]), {
        code: ExitCode.usage,
        message: "docker is not installed.",
        next: /^install /,
      });
    });

    it("does not take a build without a digest for one", async () => {
      await lab.install("docker", {});
      await assert.rejects(lab.images(["build"]), { code: ExitCode.resourceFailed, message: /no digest/ });
    });

    it("is cancelled by Ctrl-C", async () => {
      await lab.install("docker", builds);
      await assert.rejects(lab.images(["build"], {}, AbortSignal.abort()), { code: ExitCode.cancelled });
    });
  });

  describe("smoke", () => {
    let server: Server;
    let answers: number[];
    beforeEach(async () => {
      answers = [];
      server = createServer((_, response) => void response.writeHead(answers.shift() ?? 200).end());
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      await lab.install("docker", builds);
      await lab.images(["build"]);
    });
    afterEach(() => void server.close().closeAllConnections());

    const running = (): Behaviour => ({
      port: `echo 127.0.0.1:${(server.address() as AddressInfo).port}`,
      inspect: "echo true",
      logs: "echo 'last words'",
    });
    const verbs = async () => (await lab.calls()).slice(1).map(([, verb]) => verb);

    it("runs the image by its digest, without privileges, until it is healthy, and removes it", async () => {
      answers = [503, 503];
      await lab.install("docker", running());
      const { json } = await lab.images(["smoke", "api"]);
      assert.deepEqual(json["images"], [{ service: "api", image: id, attempts: 3 }]);
      const run = (await lab.calls())[1] ?? [];
      assert.equal(run.at(-1), id);
      assert.equal(after(run, "--publish"), "127.0.0.1::8000");
      assert.equal(after(run, "--cap-drop"), "ALL");
      assert.ok(run.includes("--read-only"));
      assert.deepEqual(await verbs(), ["run", "port", "inspect", "inspect", "rm"]);
      assert.deepEqual((await lab.calls()).at(-1), ["docker", "rm", "--force", "--volumes", after(run, "--name")]);
    });

    it("shows the last lines of what never gets healthy", async () => {
      answers = Array.from({ length: 100 }, () => 503);
      await lab.install("docker", running());
      const failing = lab.images(["smoke"], { timeout: "1" });
      await assert.rejects(failing, {
        code: ExitCode.verificationFailed,
        message: /\/health answers 503 \(\d+ attempts\)/,
      });
      assert.match(lab.said(), /last words/);
      assert.deepEqual((await verbs()).slice(-2), ["logs", "rm"]);
    });

    it("does not wait for what has ended by itself", async () => {
      answers = [503];
      await lab.install("docker", { ...running(), inspect: "echo false" });
      await assert.rejects(lab.images(["smoke"]), { code: ExitCode.verificationFailed, message: /ended by itself/ });
      assert.deepEqual(await verbs(), ["run", "port", "inspect", "logs", "rm"]);
    });

    it("removes the container when it cannot even be started", async () => {
      await lab.install("docker", { run: "echo 'no such image' >&2; exit 125" });
      await assert.rejects(lab.images(["smoke"]), { code: ExitCode.resourceFailed });
      assert.deepEqual(await verbs(), ["run", "rm"]);
    });
  });

  describe("scan", () => {
    const trivy = (results: string, code: number): Behaviour => ({
      image: `while [ $# -gt 0 ]; do
  if [ "$1" = --output ]; then printf '{"runs":[{"results":[${results}]}]}' > "$2"; fi
  shift
done
exit ${code}`,
    });
    beforeEach(async () => {
      await lab.install("docker", builds);
      await lab.images(["build"]);
    });

    it("writes SARIF and ends with 0 without findings", async () => {
      await lab.install("trivy", trivy("", 0));
      const result = await lab.images(["scan"]);
      const sarif = ".slipway/scans/api.sarif";
      assert.deepEqual(
        [result.exitCode, result.json["images"]],
        [0, [{ service: "api", image: id, sarif, findings: 0 }]],
      );
      const words = (await lab.calls()).at(-1) ?? [];
      assert.equal(after(words, "--severity"), "HIGH,CRITICAL");
      assert.equal(after(words, "--format"), "sarif");
      assert.equal(words.at(-1), id);
    });

    it("ends with 5 on findings at or above the severity that is named", async () => {
      await lab.install("trivy", trivy("{},{}", 10));
      const result = await lab.images(["scan"], { severity: "critical", output: "reports" });
      assert.deepEqual([result.exitCode, result.text], [ExitCode.policy, "api  2 findings  reports/api.sarif"]);
      assert.equal(after((await lab.calls()).at(-1) ?? [], "--severity"), "CRITICAL");
    });

    it("does not take a report that is cut short for a clean one", async () => {
      await lab.install("trivy", trivy("", 10));
      assert.equal((await lab.images(["scan"])).exitCode, ExitCode.policy);
      await lab.install("trivy", { image: "exit 0" });
      await assert.rejects(lab.images(["scan"], { output: "elsewhere" }), { code: ExitCode.resourceFailed });
    });

    it("tells a scan that failed from one with findings, and a severity that is none", async () => {
      await lab.install("trivy", { image: "echo 'no database' >&2; exit 1" });
      await assert.rejects(lab.images(["scan"]), { code: ExitCode.resourceFailed, message: /no database/ });
      await assert.rejects(lab.images(["scan"], { severity: "bad" }), { code: ExitCode.usage });
    });
  });

  describe("the image of the model pipeline's jobs", () => {
    beforeEach(async () => {
      await lab.commit("model/image/Dockerfile", "FROM scratch\n");
      await lab.install("docker", builds);
    });

    it("is built from its folder, under its name", async () => {
      const { json } = await lab.images(["build", "model"]);
      const [words = []] = await lab.calls();
      assert.equal(words.at(-1), "model/image");
      assert.match(String(after(words, "--output")), /^type=docker,name=slipway\/model:[\da-f]{40},/);
      assert.deepEqual(
        (json["images"] as { service: string }[]).map(({ service }) => service),
        ["model"],
      );
    });

    it("is not smoked: nothing in it listens", async () => {
      await lab.images(["build", "model"]);
      await assert.rejects(lab.images(["smoke", "model"]), { code: ExitCode.usage, where: "model/image" });
      // Among all of them it is passed over.
      await assert.rejects(lab.images(["smoke"]), { code: ExitCode.notFound, next: "./slipway images build api" });
    });
  });

  it("names actions, services and what has to be built first", async () => {
    await assert.rejects(lab.images(["bake"]), { code: ExitCode.usage, next: "Use one of: build, smoke, scan, push." });
    await assert.rejects(lab.images(["build", "nope"]), { code: ExitCode.usage, next: "Use one of: api." });
    for (const action of ["smoke", "scan"])
      await assert.rejects(lab.images([action]), { code: ExitCode.notFound, next: "./slipway images build api" });
  });
});

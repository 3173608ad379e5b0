import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "../../automation/commands/images.ts";
import { ExitCode } from "../../automation/errors.ts";
import { type PushedImage, pushImages, type PushTarget } from "../../automation/images/push.ts";
import { findServices } from "../../automation/images/services.ts";
import { findBuild, resolveImages } from "../../automation/release/image-builds.ts";
import { packWorkingTree } from "../../automation/release/working-tree.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { dockerWithRegistry, type ImageLab, startImageLab } from "./tools.ts";

const digest = `sha256:${"d".repeat(64)}`;
const repository = "registry.example.com/slipway/api";

describe("slipway images push", () => {
  let lab: ImageLab;
  let folder: string;
  let target: PushTarget;
  beforeEach(async () => {
    lab = await startImageLab();
    folder = await mkdtemp(path.join(tmpdir(), "slipway-push-"));
    await lab.install("docker", dockerWithRegistry(path.join(folder, "has"), digest));
    target = { store: new DirectoryStore(path.join(folder, "store")), repositories: { api: repository } };
  });
  afterEach(async () => {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  });

  const push = async (more: Partial<PushTarget> = {}, context = lab.context()) =>
    pushImages(context, await findServices(lab.root, []), { ...target, ...more });
  const verbs = async () => (await lab.calls()).map((words) => words.slice(1, 4).join(" "));
  const sourceOf = async () => (await packWorkingTree(lab.root)).images["api"]?.digest ?? "";

  it("pushes under the commit, and keeps which files gave which image", async () => {
    const [pushed] = await push();
    const build = await findBuild(target.store, "api", await sourceOf());
    assert.deepEqual(pushed, { service: "api", image: `${repository}@${digest}`, build, state: "pushed" });
    assert.equal(build?.digest, digest);
    const built = (await lab.calls()).find((words) => words[2] === "build") ?? [];
    assert.equal(
      built[built.indexOf("--output") + 1],
      `type=image,name=${repository}:${build.commit},push=true,rewrite-timestamp=true`,
    );
  });

  it("makes of it the image of every release of these files", async () => {
    const packed = await packWorkingTree(lab.root);
    assert.deepEqual((await resolveImages(target.store, packed)).missing, ["api"]);
    await push();
    const { artifacts, missing } = await resolveImages(target.store, packed);
    assert.deepEqual(missing, []);
    assert.deepEqual(artifacts.images["api"], { ...packed.images["api"], digest, source: await sourceOf() });
  });

  it("builds nothing a second time from the same files, under another commit neither", async () => {
    await push();
    const before = (await lab.calls()).length;
    await lab.commit("README.md", "more\n");
    assert.equal((await push())[0]?.state, "known");
    assert.equal((await lab.calls()).length, before);
    await lab.commit("services/api/app.py", "1\n");
    assert.equal((await push())[0]?.state, "pushed");
  });

  it("finds what a run had pushed that was ended before it could say so", async () => {
    await push();
    // The same registry, and a store that knows nothing of it.
    const store = new DirectoryStore(path.join(folder, "other"));
    const [found] = await push({ store });
    assert.equal(found?.state, "found");
    assert.equal((await findBuild(store, "api", await sourceOf()))?.digest, digest);
    assert.deepEqual(
      (await verbs()).filter((verb) => verb.startsWith("buildx build")),
      ["buildx build --platform"],
    );
  });

  it("tells of each as soon as it is there, also when the next one fails", async () => {
    await lab.commit("services/web/Dockerfile", "FROM scratch\nEXPOSE 8080\n");
    const told: string[] = [];
    const there = ({ service, state }: PushedImage) => Promise.resolve(void told.push(`${service} ${state}`));
    const failing = dockerWithRegistry(path.join(folder, "has"), digest);
    await lab.install("docker", {
      ...failing,
      buildx: `for word in "$@"; do [ "$word" = services/web ] && exit 1; done\n${failing["buildx"] ?? ""}`,
    });
    const repositories = { ...target.repositories, web: "registry.example.com/slipway/web" };
    await assert.rejects(push({ there, repositories }), { code: ExitCode.resourceFailed });
    assert.deepEqual(told, ["api pushed"]);
  });

  it("lets the first of two win who build the same", async () => {
    const [one, two] = await Promise.all([push(), push()]);
    assert.deepEqual(one[0]?.build, two[0]?.build);
  });

  it("copies to a mirror by digest", async () => {
    const [pushed] = await push({ mirror: "docker.io/acme" });
    const copy = `docker.io/acme/api:${String(pushed?.build.commit)}`;
    assert.equal(pushed?.mirror, copy);
    assert.deepEqual((await lab.calls()).at(-1)?.slice(1), [
      ...["buildx", "imagetools", "create", "--tag", copy, `${repository}@${digest}`],
    ]);
  });

  it("refuses what no commit holds, and a service without a repository", async () => {
    await assert.rejects(push({ repositories: {} }), { code: ExitCode.notFound, next: /slipway up operations/ });
    await writeFile(path.join(lab.root, "services/api/new.py"), "");
    await assert.rejects(push(), { code: ExitCode.usage, where: "services/api" });
    assert.deepEqual(await lab.calls(), []);
  });

  it("explains a repository that is not there", async () => {
    await lab.install("docker", {
      buildx: `[ "$2" = imagetools ] && { echo "ERROR: x: not found" >&2; exit 1; }
echo "ERROR: name unknown: The repository with name 'slipway/api' does not exist" >&2; exit 1`,
    });
    await assert.rejects(push(), { code: ExitCode.notFound, next: /slipway:repositories/ });
  });

  it("does not take a registry that refuses for one without the image", async () => {
    await lab.install("docker", { buildx: 'echo "ERROR: 403 denied" >&2; exit 1' });
    await assert.rejects(push(), { code: ExitCode.credentials });
    assert.deepEqual(await verbs(), ["buildx imagetools inspect"]);
  });

  it("does not trust a record that was damaged", async () => {
    await push();
    const source = await sourceOf();
    await target.store.put(`images/api/${source.replace(":", "/")}.json`, "{}");
    await assert.rejects(push(), { code: ExitCode.unexpected, message: /api is damaged/ });
  });

  describe("to a registry of AWS", () => {
    const host = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
    let server: Server;
    let status: number;
    beforeEach(async () => {
      status = 200;
      const authorizationToken = Buffer.from("AWS:the password").toString("base64");
      server = createServer((_, response) => {
        const body = status === 200 ? { authorizationData: [{ authorizationToken }] } : { __type: "AccessDenied" };
        response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
    });
    afterEach(() => server.close());

    const signedIn = () =>
      push(
        { repositories: { api: `${host}/slipway/api` } },
        lab.context({
          ...{ AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
          AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        }),
      );

    it("signs in with a password that no argument shows, and out again", async () => {
      await signedIn();
      const calls = await lab.calls();
      assert.deepEqual(calls[0], ["docker", "login", "--username", "AWS", "--password-stdin", host]);
      assert.deepEqual(calls[1], ["password", "the password"]);
      assert.deepEqual(calls.at(-1), ["docker", "logout", host]);
      assert.ok(!calls.some((words) => words[0] === "docker" && words.join(" ").includes("the password")));
      assert.ok(!lab.said().includes("the password"));
    });

    it("is not asked where nothing is to be pushed", async () => {
      await signedIn();
      const before = (await lab.calls()).length;
      status = 400;
      assert.equal((await signedIn())[0]?.state, "known");
      assert.equal((await lab.calls()).length, before);
    });

    it("signs out also when it fails", async () => {
      await lab.install("docker", { buildx: 'echo "ERROR: 403 denied" >&2; exit 1', login: "read -r password" });
      await assert.rejects(signedIn(), { code: ExitCode.credentials });
      assert.deepEqual((await lab.calls()).at(-1), ["docker", "logout", host]);
    });

    it("says who may push where AWS refuses", async () => {
      status = 400;
      await assert.rejects(signedIn(), { code: ExitCode.credentials, where: "ecr:GetAuthorizationToken in eu-west-1" });
      assert.deepEqual(await lab.calls(), []);
    });
  });

  it("has nothing to do in the sandbox, and knows a registry from a sentence", async () => {
    await assert.rejects(run(lab.context(), ["push"], { mirror: "a b" }), {
      code: ExitCode.usage,
      message: /--mirror/,
    });
    const rehearsal = lab.context({ SLIPWAY_SANDBOX: "1" });
    await assert.rejects(run(rehearsal, ["push"], {}), { code: ExitCode.usage, message: /no registry/ });
  });
});

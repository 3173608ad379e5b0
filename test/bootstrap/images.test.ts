import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrap } from "../../automation/bootstrap/bootstrap.ts";
import { run as build } from "../../automation/commands/build.ts";
import { run as images } from "../../automation/commands/images.ts";
import { subjectOfTree } from "../../automation/commands/up.ts";
import { ExitCode } from "../../automation/errors.ts";
import { openWorkspace } from "../../automation/workspace.ts";
import { gitIn } from "../git/throw-away.ts";
import { dockerWithRegistry, install } from "../images/tools.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";
import {
  account,
  clientsOf,
  contextFor,
  environmentFor,
  makeFoundation,
  makeProject,
  removeProject,
} from "./project.ts";

const digest = `sha256:${"d".repeat(64)}`;
const host = `${account}.dkr.ecr.us-east-1.amazonaws.com`;

describe("images of a checkout with shared state", function () {
  this.timeout(300_000);
  let cloud: MiniStack;
  let directory: string;
  let environment: Record<string, string>;

  before(async () => {
    cloud = await startMiniStack();
    const foundation = await makeFoundation(clientsOf(cloud), "slipway-state-images");
    directory = makeProject(foundation, { api: `${host}/slipway/api` });
    mkdirSync(join(directory, "services/api"), { recursive: true });
    writeFileSync(join(directory, "services/api/Dockerfile"), "FROM scratch\nEXPOSE 8000\n");
    writeFileSync(join(directory, ".gitignore"), "/.slipway/\n/node_modules\n/home/\n/bin/\n*.json\n*.txt\n");
    gitIn(directory, "init", "--quiet", "--initial-branch=main");
    const first = environmentFor(directory, cloud);
    const context = contextFor(directory, first);
    const { addresses } = await bootstrap(context, await openWorkspace(context));
    gitIn(directory, "add", ".");
    gitIn(directory, "commit", "--quiet", "-m", "one service");
    const bin = join(directory, "bin");
    mkdirSync(bin);
    await install(join(bin, "docker"), "docker", dockerWithRegistry(join(bin, "has"), digest));
    environment = {
      ...first,
      ...{ PATH: `${bin}:${first["PATH"]}`, LOG: join(bin, "calls") },
      ...{ PULUMI_BACKEND_URL: addresses.backend, SLIPWAY_STORE: addresses.store },
    };
  });
  after(async () => {
    removeProject(directory);
    await cloud.stop();
  });

  const context = () => contextFor(directory, environment);

  it("make no release before they are pushed", async () => {
    await assert.rejects(build(context(), [], {}), { code: ExitCode.notFound, next: /images push api/ });
  });

  it("do not hold up operations, without which there is no place to push them to", async () => {
    const commit = gitIn(directory, "rev-parse", "HEAD").trim();
    const subject = await subjectOfTree(context(), await openWorkspace(context()), "operations");
    assert.deepEqual(subject, { release: undefined, commit });
    await assert.rejects(subjectOfTree(context(), await openWorkspace(context()), "dev"), { code: ExitCode.notFound });
  });

  it("go to the repositories that operations names, once, and a release then has them by their digest", async () => {
    const file = join(directory, "pushed.txt");
    const first = await images(context(), ["push"], { checksums: file });
    assert.match(first.text, new RegExp(`^api  ${host}/slipway/api@${digest}  pushed$`));
    assert.equal(readFileSync(file, "utf8"), `${"d".repeat(64)}  ${host}/slipway/api\n`);
    assert.match(readFileSync(join(directory, "bin/calls"), "utf8"), new RegExp(`^docker\tlogin.*${host}$`, "m"));
    const again = await images(context(), ["push"], {});
    assert.match(again.text, /known$/);
    const { json } = await build(context(), [], {});
    const { artifacts } = json["release"] as { artifacts: { images: Record<string, { digest: string }> } };
    assert.equal(artifacts.images["api"]?.digest, digest);
  });

  it("are tagged with the commit that last changed their files", () => {
    const tag = readFileSync(join(directory, "bin/has"), "utf8").trim();
    assert.equal(tag, `${host}/slipway/api:${gitIn(directory, "rev-parse", "HEAD").trim()}`);
  });
});

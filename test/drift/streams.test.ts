import assert from "node:assert/strict";
import { repairDefinitions } from "../../automation/drift/streams-repair.ts";
import { streamsDrift } from "../../automation/drift/streams.ts";
import type { Context } from "../../automation/context.ts";
import { findingLine } from "../../automation/report/drift.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { AtlasError } from "../../automation/streams/atlas/errors.ts";
import { atlasStreams } from "../../automation/streams/atlas/client.ts";
import type { Workspace } from "../../automation/workspace.ts";
import { atlasApiVariables } from "../../sandbox/atlas/index.ts";
import { scratch } from "../git/throw-away.ts";
import { openAtlasLab, pipelineOf, project, type AtlasLab } from "../sandbox/atlas/atlas-lab.ts";
import { green, outputs, pipeline, subject } from "./streams-lab.ts";

const temporary = scratch();
after(() => temporary.clear());

describe("drift of stream processors in Atlas", () => {
  let lab: AtlasLab;
  beforeEach(async () => {
    lab = await openAtlasLab();
    await lab.call("POST", "/streams/flow/processor", { name: green, pipeline: JSON.parse(pipeline) as unknown });
    await lab.call("POST", `/streams/flow/processor/${green}:start`);
    lab.pass(2000);
  });
  afterEach(() => lab.close());

  const client = () =>
    atlasStreams({
      place: { projectId: project, workspace: "flow" },
      environment: atlasApiVariables(lab.api.endpoint),
    });
  const state = {
    resources: [
      {
        type: "pulumi:pulumi:Stack",
        urn: "urn:pulumi:prod::lab::pulumi:pulumi:Stack::lab-prod",
        outputs: { streams: outputs() },
      },
    ],
  };
  const look = (open: () => ReturnType<typeof client>) => {
    const workspace = { store: new DirectoryStore(temporary.directory()), environment: {} } as unknown as Workspace;
    return streamsDrift({} as Context, workspace, "prod", state, open);
  };
  const options = { signal: new AbortController().signal, say: () => void lab.pass(1000), pollMs: 1 };

  it("is seen with who and when, and not at all in a stack without stream processing", async () => {
    assert.deepEqual(await look(client), []);
    await client().stopProcessor(green);
    lab.pass(1000);
    const [finding] = await look(client);
    assert.deepEqual(finding && { ...finding, last: undefined }, {
      ...{ class: "changed-outside", ...subject(green), last: undefined },
      properties: [{ path: "state", recorded: "STARTED", found: "STOPPED" }],
    });
    assert.equal(finding?.last?.by, "sandbox");
    const nobody = async () => assert.fail("nothing is asked");
    assert.deepEqual(
      await streamsDrift({} as Context, {} as Workspace, "prod", { resources: [] }, nobody as never),
      [],
    );
  });

  it("is seen without a name where the feed is not to be read", async () => {
    await client().stopProcessor(green);
    lab.pass(1000);
    const refusal = new AtlasError({ call: "GET /events", host: "127.0.0.1", status: 403, detail: "no" });
    const [finding] = await look(() => ({ ...client(), auditEvents: () => Promise.reject(refusal) }));
    assert.deepEqual([finding?.name, finding?.last], [green, undefined]);
  });

  it("is repaired from the checkpoint, and a second time there is nothing to do", async () => {
    await client().stopProcessor(green);
    lab.pass(1000);
    await client().modifyProcessor(green, { text: pipeline.replace('"$gt":5', '"$gt":6') });
    assert.match(findingLine((await look(client))[0] ?? assert.fail()), /\$gt: 5 -> 6/);
    assert.deepEqual(await repairDefinitions(client(), outputs(), options), [green]);
    assert.equal((await client().processor(green))?.text, pipeline);
    assert.deepEqual(await repairDefinitions(client(), outputs(), options), []);
  });

  it("is repaired where it runs: it is stopped first", async () => {
    await client().stopProcessor(green);
    lab.pass(1000);
    await client().modifyProcessor(green, {
      text: JSON.stringify(pipelineOf({ $match: { amount: 1 } })),
      resumeFromCheckpoint: false,
    });
    await client().startProcessor(green);
    lab.pass(2000);
    const said: string[] = [];
    const say = (line: string) => void (said.push(line), lab.pass(1000));
    assert.deepEqual(await repairDefinitions(client(), outputs(), { ...options, say }), [green]);
    assert.match(said.join("\n"), /its state is lost: \$source\.config changes/);
    assert.equal((await client().processor(green))?.state, "STOPPED");
  });
});

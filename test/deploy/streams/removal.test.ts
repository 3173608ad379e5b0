import assert from "node:assert/strict";
import { removeAll, workspaceGoes } from "../../../automation/deploy/streams/removal.ts";
import { scratch } from "../../git/throw-away.ts";
import { HandoverLab, nameOf, outputOf } from "./lab.ts";

const workspace = { urn: "urn:w", type: "mongodbatlas:index/streamWorkspace:StreamWorkspace" };
const bucket = { urn: "urn:b", type: "aws:s3/bucket:Bucket" };

describe("versions of processors when their environment goes", () => {
  const temporary = scratch();

  it("are deleted where the engine deletes the workspace, and nowhere else", () => {
    assert.equal(workspaceGoes([workspace, bucket]), true);
    assert.equal(workspaceGoes([bucket]), false);
    assert.equal(workspaceGoes([{ ...workspace, retainOnDelete: true }, bucket]), false);
    assert.equal(workspaceGoes([workspace, { ...bucket, protect: true }]), false);
  });

  it("are stopped, deleted and forgotten, those that run and those kept for a way back; nobody else's are touched", async () => {
    const lab = new HandoverLab(temporary.directory());
    const [first, second] = [outputOf(1), outputOf(2)];
    await lab.handOver(first);
    await lab.handOver(second);
    const { pipeline, tier } = second;
    const another = { name: "orders__manual", pipeline: JSON.parse(pipeline) as Record<string, unknown>[], tier };
    await lab.atlas.createProcessor(another);
    const said: string[] = [];
    const removal = { streams: { processors: {} }, records: lab.records, say: (line: string) => void said.push(line) };

    await removeAll(lab.atlas, removal);

    assert.deepEqual([...lab.atlas.all.keys()], ["orders__manual"]);
    assert.deepEqual(
      said.sort(),
      [nameOf(first), nameOf(second)].map((name) => `${name} is deleted, with its checkpoint`).sort(),
    );
    assert.deepEqual((await lab.records.read("orders")).served, []);
    const calls = lab.atlas.calls.length;
    await removeAll(lab.atlas, removal);
    assert.equal(lab.atlas.calls.length, calls, "a second run has nothing to do");
  });
});

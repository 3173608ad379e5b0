import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { CreateEndpointConfigCommand, CreateModelCommand } from "@aws-sdk/client-sagemaker";

import { modelArchive } from "./aws-lab.ts";
import { EndpointLab } from "./endpoint-lab.ts";

const service = resolve(import.meta.dirname, "../../../services/predict");

/** The files of the image, as a release packs them. */
function imageFiles(): Record<string, string> {
  const sources = readdirSync(join(service, "app")).filter((name) => name.endsWith(".py"));
  const names = ["Dockerfile", "model.json", ...sources.map((name) => `app/${name}`)];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(service, name), "utf8")]));
}

/** A graph that multiplies the area by a hundred, as training would write one. */
const graphProgram = `
import sys
import numpy as np
from onnx import TensorProto, helper, numpy_helper

weights = numpy_helper.from_array(np.array([[100], [0], [0], [0]], dtype=np.float32), "weights")
node = helper.make_node("MatMul", ["features", "weights"], ["price"])
features = helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, 4])
price = helper.make_tensor_value_info("price", TensorProto.FLOAT, [None, 1])
graph = helper.make_graph([node], "housing", [features], [price], [weights])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
sys.stdout.buffer.write(model.SerializeToString())
`;

async function artifact(python: string): Promise<{ document: string; graph: Buffer }> {
  const { stdout: graph } = await promisify(execFile)(python, ["-c", graphProgram], { encoding: "buffer" });
  const features = ["area", "bedrooms", "bathrooms", "age"].map((name) => ({ name, minimum: 0, maximum: 1_000 }));
  const sha256 = createHash("sha256").update(graph).digest("hex");
  const about = { schema: 1, name: "housing", algorithm: "ridge", features, target: "price" };
  return {
    document: JSON.stringify({ ...about, onnx: { file: "model.onnx", sha256 }, training: { rows: 1, data: sha256 } }),
    graph,
  };
}

describe("services/predict behind an endpoint of the sandbox", function () {
  this.timeout(60_000);
  let lab: EndpointLab;
  let image: string;
  let made: Awaited<ReturnType<typeof artifact>>;
  before(async function () {
    this.timeout(600_000);
    lab = await EndpointLab.open(1_000);
    image = await lab.lab.image(imageFiles());
    made = await artifact(lab.lab.python);
  });
  after(async () => {
    await lab?.close();
  });

  const endpoint = async (name: string, ModelDataUrl?: string) => {
    const PrimaryContainer = { Image: image, ...(ModelDataUrl && { ModelDataUrl }) };
    const ExecutionRoleArn = "arn:aws:iam::111111111111:role/lab";
    await lab.clients.sagemaker.send(new CreateModelCommand({ ModelName: name, PrimaryContainer, ExecutionRoleArn }));
    const ProductionVariants = [{ VariantName: "AllTraffic", ModelName: name }];
    await lab.clients.sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants }));
    return lab.created(name, name);
  };
  const row = { area: 120, bedrooms: 3, bathrooms: 2, age: 10 };
  const Body = JSON.stringify({ rows: [row, { ...row, area: 50 }] });

  it("predicts with the artifact of the model, and names it", async () => {
    const { document, graph } = made;
    const url = await lab.lab.object(
      "good/model.tar.gz",
      await modelArchive({ "model.json": document, "model.onnx": graph }),
    );
    const { EndpointStatus, FailureReason } = await endpoint("good", url);
    assert.deepEqual([EndpointStatus, FailureReason], ["InService", undefined]);
    const { body, CustomAttributes } = await lab.invoke("good", { Body });
    assert.deepEqual(body["predictions"], [12_000, 5_000]);
    assert.match(CustomAttributes ?? "", /^housing\//);
    await assert.rejects(lab.invoke("good", { Body: '{"rows":[{"area":1}]}' }), {
      name: "ModelError",
      OriginalStatusCode: 422,
      message: /feature age is missing/,
    });
  });

  it("does not get into service with other bytes than the document names, and says so", async () => {
    const files = { "model.json": made.document, "model.onnx": Buffer.from("something else") };
    const { EndpointStatus, FailureReason } = await endpoint(
      "corrupt",
      await lab.lab.object("corrupt/model.tar.gz", await modelArchive(files)),
    );
    assert.equal(EndpointStatus, "Failed");
    assert.match(
      FailureReason ?? "",
      /did not pass the ping health check: .*model.onnx is not the file that model.json names/,
    );
  });

  it("serves the model of its image where there is no artifact", async () => {
    assert.equal((await endpoint("shipped")).EndpointStatus, "InService");
    const { body } = await lab.invoke("shipped", { Body });
    assert.equal((body["predictions"] as number[]).length, 2);
  });
});

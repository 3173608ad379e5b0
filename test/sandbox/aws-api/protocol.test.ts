import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodeDeployClient, ListGitHubAccountTokenNamesCommand } from "@aws-sdk/client-codedeploy";
import {
  ListModelPackagesCommand,
  ListNotebookInstancesCommand,
  SageMakerClient,
  StartPipelineExecutionCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";

import { awsApiVariables, startAwsApi, type AwsApi } from "../../../sandbox/aws-api/index.ts";
import { foreignListeners } from "../../support/ministack.ts";
import { settings } from "./aws-lab.ts";

/** Nobody answers there, and nothing here needs it. */
const nowhere = "http://127.0.0.1:9";
const account = "111111111111";
const signed = (key = account) =>
  `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0`;
const target = (operation: string) => ({ "x-amz-target": operation, authorization: signed() });

describe("the protocol of the sandbox's SageMaker and CodeDeploy", function () {
  this.timeout(10_000);
  let directory: string;
  let api: AwsApi;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "slipway-aws-protocol-"));
    api = await startAwsApi({ directory, python: "python3", onNote: () => undefined });
    api.attach(nowhere);
  });
  after(async () => {
    await api?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const ask = async (headers: Record<string, string>, body = "{}", path = "/", method = "POST") => {
    const answer = await fetch(api.endpoint + path, { method, headers, ...(method === "POST" && { body }) });
    const members = JSON.parse(await answer.text()) as { __type?: string; message?: string };
    const { status, headers: given } = answer;
    return { status, type: given.get("content-type"), error: given.get("x-amzn-errortype"), ...members };
  };

  it("has one address for all three services, on 127.0.0.1 alone", () => {
    assert.deepEqual(awsApiVariables(api.endpoint), {
      AWS_ENDPOINT_URL_SAGEMAKER: api.endpoint,
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: api.endpoint,
      AWS_ENDPOINT_URL_CODEDEPLOY: api.endpoint,
    });
    assert.deepEqual(foreignListeners(Number(new URL(api.endpoint).port)), []);
  });

  it("names what it answers where it is asked for something else", async () => {
    const sagemaker = new SageMakerClient(settings(api.endpoint, account));
    const codedeploy = new CodeDeployClient(settings(api.endpoint, account));
    await assert.rejects(sagemaker.send(new ListNotebookInstancesCommand({})), {
      name: "UnknownOperationException",
      message: /does not answer SageMaker.ListNotebookInstances. .*CreateEndpoint, .*UpdateModelPackage/,
    });
    await assert.rejects(codedeploy.send(new ListGitHubAccountTokenNamesCommand({})), {
      name: "UnknownOperationException",
      message: /CodeDeploy_20141006.ListGitHubAccountTokenNames. .*CreateDeployment, .*StopDeployment/,
    });
    const start = new StartPipelineExecutionCommand({ PipelineName: "p", ClientRequestToken: "t".repeat(32) });
    await assert.rejects(
      sagemaker.send(start),
      /StartPipelineExecution. .*`.\/slipway model run <environment> --sandbox`/,
    );
    sagemaker.destroy();
    codedeploy.destroy();
    assert.match(
      (await ask(target("Glue.GetTables"))).message ?? "",
      /answers CodeDeploy_20141006, SageMaker here, not "Glue"/,
    );
    assert.match((await ask(target("SageMaker.toString"))).message ?? "", /does not answer SageMaker.toString/);
  });

  it("says in AWS's form what is wrong with a request", async () => {
    const list = target("SageMaker.ListModelPackages");
    const cases: [title: string, answer: Awaited<ReturnType<typeof ask>>, status: number, code: string][] = [
      ["no signature", await ask({ "x-amz-target": "SageMaker.ListModelPackages" }), 403, "MissingAuthenticationTokenException"],
      ["no account", await ask({ ...list, authorization: signed("AKIAEXAMPLE") }), 400, "UnrecognizedClientException"],
      ["no JSON", await ask(list, "{"), 400, "SerializationException"],
      ["no object", await ask(list, "[]"), 400, "SerializationException"],
      ["another path", await ask(list, "{}", "/models"), 404, "UnknownOperationException"],
      ["another method", await ask(list, "", "/", "GET"), 404, "UnknownOperationException"],
    ]; // prettier-ignore
    for (const [title, answer, status, code] of cases) {
      assert.deepEqual([answer.status, answer.error, answer.__type], [status, code, code], title);
      assert.equal(answer.type, "application/x-amz-json-1.1");
    }
  });

  it("reads no more than an endpoint may be sent", async () => {
    const { port } = new URL(api.endpoint);
    const status = await new Promise((resolve, reject) => {
      const asked = request({
        host: "127.0.0.1",
        port,
        method: "POST",
        headers: target("SageMaker.ListModelPackages"),
      });
      asked.on("response", (answer) => resolve(answer.statusCode));
      asked.on("error", reject);
      asked.end(Buffer.alloc(6 * 1024 * 1024 + 1, " "));
    });
    assert.equal(status, 413);
  });

  it("answers the runtime in the runtime's own form", async () => {
    const runtime = new SageMakerRuntimeClient(settings(api.endpoint, account));
    await assert.rejects(runtime.send(new InvokeEndpointCommand({ EndpointName: "absent", Body: "{}" })), {
      name: "ValidationError",
      message: "Endpoint absent of account 111111111111 not found.",
    });
    runtime.destroy();
  });

  it("lets requests wait for the emulator", async () => {
    const other = mkdtempSync(join(tmpdir(), "slipway-aws-protocol-"));
    const waiting = await startAwsApi({ directory: other, python: "python3", onNote: () => undefined });
    const client = new SageMakerClient(settings(waiting.endpoint, account));
    let answered = false;
    const asked = client.send(new ListModelPackagesCommand({})).then(() => (answered = true));
    // Another one, answered by the same event loop, has come and gone meanwhile.
    await ask(target("SageMaker.ListModelPackages"));
    assert.equal(answered, false);
    assert.equal(waiting.aliasVersion({ account: "1", region: "r", functionName: "f", alias: "live" }), undefined);
    waiting.attach(nowhere);
    await asked;
    client.destroy();
    await waiting.close();
    rmSync(other, { recursive: true, force: true });
  });

  it("keeps its state for one process at a time", async () => {
    const second = startAwsApi({ directory, python: "python3", onNote: () => undefined });
    await assert.rejects(second, /locked/);
  });
});

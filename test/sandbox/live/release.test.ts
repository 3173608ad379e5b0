import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetAliasCommand, LambdaClient, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";

import { connectLive, stopLive, type LiveCloud } from "../../../sandbox/index.ts";
import { openLab, type Lab } from "../lab.ts";
import { definition } from "../types/pipeline-resources.ts";
import { account, openLiveLab, region, settings, type LiveLab } from "./live-lab.ts";

const trust = (service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

/** A small model pipeline: what trains, what serves, and the API in front with an alias that CodeDeploy moves. */
const program = (release: string, more = "") => `
  const p = { provider: aws("here", "${account}", "${region}") };
  const made = (type, name, inputs, outputs = [], options = {}) => thing("aws:" + type, name, inputs, outputs, { ...p, ...options });
  const role = (name, trust) => made("iam/role:Role", name, { name, assumeRolePolicy: trust }, ["arn"]);
  const runs = role("runs", ${JSON.stringify(trust("lambda.amazonaws.com"))});
  const learns = role("learns", ${JSON.stringify(trust("sagemaker.amazonaws.com"))});
  const shifts = role("shifts", ${JSON.stringify(trust("codedeploy.amazonaws.com"))});
  made("sagemaker/pipeline:Pipeline", "pipeline", { pipelineName: "lab", pipelineDisplayName: "lab", roleArn: learns.arn,
    pipelineDefinition: ${JSON.stringify(definition())} });
  made("sagemaker/modelPackageGroup:ModelPackageGroup", "group", { modelPackageGroupName: "lab" });
  const model = made("sagemaker/model:Model", "model",
    { executionRoleArn: learns.arn, primaryContainer: { image: "lab@sha256:${release}" } }, ["name"]);
  const alarm = made("cloudwatch/metricAlarm:MetricAlarm", "alarm", { name: "errors", comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: 1, threshold: 0, metricName: "Errors", namespace: "AWS/Lambda", period: 60, statistic: "Sum" }, ["name"]);
  const config = made("sagemaker/endpointConfiguration:EndpointConfiguration", "config", { productionVariants: [
    { variantName: "AllTraffic", modelName: model.name, instanceType: "ml.m5.large", initialInstanceCount: 1 }] }, ["name"]);
  const endpoint = made("sagemaker/endpoint:Endpoint", "endpoint", { name: "lab", endpointConfigName: config.name,
    deploymentConfig: { autoRollbackConfiguration: { alarms: [{ alarmName: alarm.name }] } } }, ["arn"]);
  const fn = made("lambda/function:Function", "fn", { name: "lab", role: runs.arn, runtime: "python3.13", handler: "handler.handler",
    publish: true, code: new pulumi.asset.FileArchive("${release}.zip") }, ["arn", "version"]);
  const alias = made("lambda/alias:Alias", "alias", { name: "live", functionName: "lab", functionVersion: fn.version },
    ["arn", "invokeArn"], { ignoreChanges: ["functionVersion", "routingConfig"] });
  const api = made("apigatewayv2/api:Api", "api", { name: "lab", protocolType: "HTTP" }, ["apiEndpoint", "executionArn"]);
  const integration = made("apigatewayv2/integration:Integration", "integration", { apiId: api.id, integrationType: "AWS_PROXY",
    integrationUri: alias.invokeArn, integrationMethod: "POST", payloadFormatVersion: "2.0" });
  made("lambda/permission:Permission", "permission", { function: "lab", qualifier: "live", statementId: "api",
    action: "lambda:InvokeFunction", principal: "apigateway.amazonaws.com" }, [], { dependsOn: [alias] });
  const route = made("apigatewayv2/route:Route", "route",
    { apiId: api.id, routeKey: "GET /models", target: pulumi.interpolate\`integrations/\${integration.id}\` });
  made("apigatewayv2/stage:Stage", "stage", { apiId: api.id, name: "$default", autoDeploy: true }, [], { dependsOn: [route] });
  const app = made("codedeploy/application:Application", "app", { name: "lab", computePlatform: "Lambda" }, ["name"]);
  const steps = made("codedeploy/deploymentConfig:DeploymentConfig", "steps", { deploymentConfigName: "lab-10-30",
    computePlatform: "Lambda", trafficRoutingConfig: { type: "TimeBasedCanary", timeBasedCanary: { percentage: 10, interval: 30 } } },
    ["deploymentConfigName"]);
  made("codedeploy/deploymentGroup:DeploymentGroup", "shift", { appName: app.name, deploymentGroupName: "lab",
    serviceRoleArn: shifts.arn, deploymentConfigName: steps.deploymentConfigName,
    deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
    alarmConfiguration: { enabled: true, alarms: [alarm.name] } });
  ${more}
  return { version: fn.version, url: api.apiEndpoint };`;

describe("releases of a model pipeline under the real engine", function () {
  this.timeout(300_000);
  let lab: Lab;
  let switches: LiveLab;
  let live: LiveCloud;
  let outer: Record<string, string | undefined>;

  before(async () => {
    switches = await openLiveLab(3_000);
    outer = Object.fromEntries(Object.keys(switches.environment).map((name) => [name, process.env[name]]));
    Object.assign(process.env, switches.environment);
    lab = await openLab();
    for (const release of ["one", "two"]) {
      const answer = `{"statusCode": 200, "body": "${release}"}`;
      const handler = `def handler(event, context):\n    return ${answer}\n`;
      writeFileSync(join(lab.root, `${release}.zip`), zipSync({ "handler.py": Buffer.from(handler) }));
    }
  });
  after(async () => {
    await live?.close();
    await stopLive(lab.directory);
    lab.close();
    for (const [name, value] of Object.entries(outer)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await switches.close();
  });

  const said = async (url: unknown) => (await fetch(`${live.urlOf(String(url))}/models`)).text();
  const at = async () => {
    const lambda = new LambdaClient(settings(live));
    return (await lambda.send(new GetAliasCommand({ FunctionName: "lab", Name: "live" }))).FunctionVersion;
  };

  it("answer at the API's address, and are what the next preview expects", async () => {
    lab.program(program("one"));
    const { code, outputs, text } = await lab.up();
    assert.equal(code, 0, text);
    live = (await connectLive(lab.directory)) ?? assert.fail("no emulator");
    assert.match(String(outputs["url"]), /^https:\/\/[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com$/);
    assert.equal(await said(outputs["url"]), "one");
    assert.deepEqual((await lab.run("preview")).changes, []);
  });

  it("leave the alias to CodeDeploy, and point the endpoint at another configuration", async () => {
    lab.program(program("two"));
    const { code, outputs, changes, steps, text } = await lab.up();
    assert.equal(code, 0, text);
    assert.equal(outputs["version"], "2");
    assert.equal(await said(outputs["url"]), "one");
    assert.equal(await at(), "1");
    assert.ok(!changes.some((change) => / alias$/.test(change)), changes.join());
    assert.ok(changes.includes("update endpoint"), changes.join());
    assert.ok(steps.some(({ op, name }) => op === "replace" && name === "config"));

    const shift = new UpdateAliasCommand({ FunctionName: "lab", Name: "live", FunctionVersion: "2" });
    await new LambdaClient(settings(live)).send(shift);
    assert.equal(await said(outputs["url"]), "two");
    assert.equal((await lab.up()).code, 0);
    assert.equal(await at(), "2");
  });

  it("are refused with alarms that nobody made", async () => {
    const group = `made("codedeploy/deploymentGroup:DeploymentGroup", "other", { appName: app.name, deploymentGroupName: "other",
      serviceRoleArn: shifts.arn, deploymentConfigName: steps.deploymentConfigName,
      deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
      alarmConfiguration: { enabled: true, alarms: ["nobody"] } });`;
    lab.program(program("two", group));
    const { code, text } = await lab.up();
    assert.notEqual(code, 0);
    assert.match(text, /InvalidAlarmConfigException: The alarm nobody does not exist/);
  });

  it("go away in the order that the services ask for", async () => {
    lab.program(program("two"));
    const { code, text } = await lab.run("destroy", "--yes", "--skip-preview");
    assert.equal(code, 0, text);
    assert.deepEqual(lab.resources(), []);
  });
});

import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  UpdateEndpointCommand,
  type DeploymentConfig,
  type DescribeEndpointOutput,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, type InvokeEndpointCommandInput } from "@aws-sdk/client-sagemaker-runtime";

import type { AwsApi } from "../../../sandbox/aws-api/index.ts";
import { until } from "../live/live-lab.ts";
import { clientsOf, modelArchive, modelServer, openAwsLab, type AwsLab, type Clients } from "./aws-lab.ts";

/** A tenth, long enough to ask twenty times, then everything. */
export const canary = (alarms: string[] = [], wait = 3_600): DeploymentConfig => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: "CANARY",
      CanarySize: { Type: "CAPACITY_PERCENT", Value: 10 },
      WaitIntervalInSeconds: wait,
    },
    TerminationWaitInSeconds: 0,
  },
  ...(alarms.length === 0 ? {} : { AutoRollbackConfiguration: { Alarms: alarms.map((AlarmName) => ({ AlarmName })) } }),
});

/** What tests of endpoints do with them. */
export class EndpointLab {
  readonly lab: AwsLab;
  readonly image: string;
  api!: AwsApi;
  clients!: Clients;

  readonly #unhealthyMs: number;

  private constructor(lab: AwsLab, image: string, unhealthyMs: number) {
    this.lab = lab;
    this.image = image;
    this.#unhealthyMs = unhealthyMs;
  }

  /** @param unhealthyMs how long a model may say that it is unhealthy; the lab's own server says so at once. */
  static async open(unhealthyMs = 500): Promise<EndpointLab> {
    const lab = await openAwsLab();
    const opened = new EndpointLab(lab, await lab.image(modelServer), unhealthyMs);
    await opened.restart();
    return opened;
  }

  async restart(idleMs?: number): Promise<void> {
    this.clients?.destroy();
    await this.api?.close();
    this.api = await this.lab.start({ unhealthyMs: this.#unhealthyMs, ...(idleMs !== undefined && { idleMs }) });
    this.api.attach(this.lab.emulator.endpoint);
    this.clients = clientsOf(this.api, this.lab);
  }

  /** Lets another server answer in place of the one before, which ends first: the state is one's alone. */
  async use(start: () => Promise<AwsApi>): Promise<void> {
    this.clients.destroy();
    await this.api.close();
    this.api = await start();
    this.clients = clientsOf(this.api, this.lab);
  }

  async close(): Promise<void> {
    this.clients?.destroy();
    await this.api?.close();
    await this.lab.close();
  }

  /** Artifact of a model of that name. */
  async archive(name: string, more = {}): Promise<string> {
    const files = { "model.json": JSON.stringify({ name, ...more }) };
    return this.lab.object(`${name}/model.tar.gz`, await modelArchive(files));
  }

  /** A model of that name, and a configuration of the same name with one variant. */
  async config(name: string, url?: string): Promise<void> {
    const ModelDataUrl = url ?? (await this.archive(name));
    const PrimaryContainer = { Image: this.image, ModelDataUrl, Environment: { STAGE: "lab" } };
    const ExecutionRoleArn = "arn:aws:iam::111111111111:role/lab";
    const { sagemaker } = this.clients;
    await sagemaker.send(new CreateModelCommand({ ModelName: name, PrimaryContainer, ExecutionRoleArn }));
    const instances = { InitialInstanceCount: 2, InstanceType: "ml.m5.large" as const };
    const ProductionVariants = [{ VariantName: "AllTraffic", ModelName: name, ...instances }];
    await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants }));
  }

  async created(EndpointName: string, EndpointConfigName: string): Promise<DescribeEndpointOutput> {
    await this.clients.sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
    return this.settled(EndpointName);
  }

  describe(EndpointName: string): Promise<DescribeEndpointOutput> {
    return this.clients.sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
  }

  async update(EndpointName: string, EndpointConfigName: string, deployment?: DeploymentConfig): Promise<void> {
    const DeploymentConfig = deployment && { DeploymentConfig: deployment };
    await this.clients.sagemaker.send(
      new UpdateEndpointCommand({ EndpointName, EndpointConfigName, ...DeploymentConfig }),
    );
  }

  /** Waits for the end of what is under way. */
  async settled(name: string): Promise<DescribeEndpointOutput> {
    await until(`${name} is at rest`, async () => {
      const { EndpointStatus = "" } = await this.describe(name);
      return !["Creating", "Updating"].includes(EndpointStatus);
    });
    return this.describe(name);
  }

  /** Waits until the new side of an update gets requests. */
  async baking(name: string): Promise<void> {
    await until(`the canary of ${name} gets requests`, async () => {
      const { PendingDeploymentSummary } = await this.describe(name);
      return PendingDeploymentSummary?.ProductionVariants?.[0]?.VariantStatus?.[0]?.Status === "Baking";
    });
  }

  async invoke(EndpointName: string, input: Partial<InvokeEndpointCommandInput> = {}) {
    const request = { EndpointName, Body: "{}", ContentType: "application/json", ...input };
    const { Body, ...answer } = await this.clients.runtime.send(new InvokeEndpointCommand(request));
    return { ...answer, body: JSON.parse(Buffer.from(Body).toString()) as Record<string, unknown> };
  }

  /** Answers of so many requests at the same time, by the model that gave them: an hour of production is a second here. */
  async counted(name: string, requests: number): Promise<Record<string, number>> {
    const answers = await Promise.all(Array.from({ length: requests }, () => this.invoke(name)));
    const counts: Record<string, number> = {};
    for (const { body } of answers) {
      const model = String(body["model"]);
      counts[model] = (counts[model] ?? 0) + 1;
    }
    return counts;
  }
}

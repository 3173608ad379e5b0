import type { TrafficShift } from "../../../config/outputs.ts";
import type { AwsClientConfig } from "../../../automation/verify/check-kind.ts";
import { AwsFault, startFakeAws, type AwsRequest, type FakeAws } from "../../support/fake-aws.ts";

export const shift: TrafficShift = {
  ...{ application: "slipway-dev-inference", deploymentGroup: "slipway-dev-inference" },
  ...{ function: "slipway-dev-models-api", alias: "live", version: "7" },
  hooks: { before: "hook-before", after: "hook-after" },
  ...{ minutes: 30, timeoutSeconds: 2700 },
};

/** What a deployment has come to at one look. */
export interface Frame {
  status?: string;
  /** Share of the version that it leads to; what it was stays where this is left out. */
  weight?: number;
  error?: { code: string; message: string };
  /** Called when the frame is reached. */
  reached?(): void;
}

export interface Deployment {
  id: string;
  from: string;
  to: string;
  /** One per look; the last one stays. */
  frames: Frame[];
  status: string;
  config?: string;
  creator?: string;
  error?: { code: string; message: string } | undefined;
  rollback?: string;
  events?: { lifecycleEventName: string; status: string; diagnostics?: { message: string } }[];
}

/** One alias and CodeDeploy, which goes a frame further each time that it is asked. */
export class CodeDeploy {
  alias: { version: string; weights: Record<string, number> } = { version: "6", weights: {} };
  readonly deployments = new Map<string, Deployment>();
  /** What the next deployment that is created goes through. */
  frames: Frame[] = [
    { status: "InProgress", weight: 0.1 },
    { status: "Succeeded", weight: 1 },
  ];
  events: Deployment["events"];
  /** Refuses requests: asked before anything else. */
  refuse: (request: AwsRequest) => void = () => {};
  #server: FakeAws | undefined;

  get server(): FakeAws {
    if (this.#server === undefined) throw new Error("not started");
    return this.#server;
  }

  get config(): AwsClientConfig {
    const credentials = { accessKeyId: "222222222222", secretAccessKey: "secret" };
    return { region: "us-east-1", endpoint: this.server.endpoint, credentials };
  }

  async start(): Promise<void> {
    this.#server = await startFakeAws((request) => this.#answer(request));
  }

  add(deployment: Partial<Deployment> & { id: string }): Deployment {
    const made = {
      from: "6",
      to: "7",
      status: "Created",
      frames: [...this.frames],
      events: this.events,
      ...deployment,
    };
    this.deployments.set(made.id, made as Deployment);
    return made as Deployment;
  }

  get operations(): string[] {
    return this.server.requests.map(({ operation }) => operation.replace("CodeDeploy_20141006.", ""));
  }

  #answer(request: AwsRequest): unknown {
    this.refuse(request);
    const [service, operation = ""] = request.operation.split(".");
    if (service === "CodeDeploy_20141006") return this.#deploy(operation, request.body);
    const path = `/2015-03-31/functions/${shift.function}/aliases/${shift.alias}`;
    if (request.operation === `PUT ${path}`) this.#update(request.body);
    else if (request.operation !== `GET ${path}`)
      throw new AwsFault("ResourceNotFoundException", request.operation, 404);
    const { version, weights } = this.alias;
    const RoutingConfig = Object.keys(weights).length === 0 ? {} : { AdditionalVersionWeights: weights };
    return { Name: "live", FunctionVersion: version, RevisionId: "r1", RoutingConfig };
  }

  #update(body: Record<string, unknown>): void {
    const { AdditionalVersionWeights } = body.RoutingConfig as { AdditionalVersionWeights: Record<string, number> };
    this.alias = { version: String(body.FunctionVersion), weights: AdditionalVersionWeights };
  }

  #deploy(operation: string, body: Record<string, unknown>): unknown {
    const id = String(body.deploymentId);
    switch (operation) {
      case "GetDeploymentGroup":
        return { deploymentGroupInfo: { alarmConfiguration: { enabled: true, alarms: [{ name: "errors" }] } } };
      case "ListDeployments":
        return { deployments: [...this.deployments.values()].filter((one) => isOpen(one)).map((one) => one.id) };
      case "GetDeployment":
        return this.#look(this.#find(id));
      case "CreateDeployment":
        return { deploymentId: this.#create(body) };
      case "StopDeployment":
        this.#stop(this.#find(id));
        return { status: "Pending" };
      case "ListDeploymentTargets":
        return { targetIds: [`${shift.function}:${shift.alias}`] };
      case "GetDeploymentTarget": {
        const lambdaTarget = { lifecycleEvents: this.#find(id).events ?? [] };
        return { deploymentTarget: { deploymentTargetType: "LambdaTarget", lambdaTarget } };
      }
      default:
        throw new AwsFault("UnknownOperationException", operation);
    }
  }

  #find(id: string): Deployment {
    const found = this.deployments.get(id);
    if (found === undefined) throw new AwsFault("DeploymentDoesNotExistException");
    return found;
  }

  #create(body: Record<string, unknown>): string {
    if ([...this.deployments.values()].some(isOpen)) throw new AwsFault("DeploymentLimitExceededException");
    const { appSpecContent } = body.revision as { appSpecContent: { content: string } };
    const [entry] = (JSON.parse(appSpecContent.content) as { Resources: Record<string, never>[] }).Resources;
    const { CurrentVersion: from = "", TargetVersion: to = "" } = (
      entry?.function as unknown as { Properties: Record<string, string> }
    ).Properties;
    const id = `d-${this.deployments.size + 1}`;
    // As CodeDeploy does, where the alias is not where it was said to be.
    if (from !== this.alias.version || to === from) throw new AwsFault("InvalidRevisionException");
    this.add({
      id,
      from,
      to,
      ...(typeof body.deploymentConfigName === "string" && { config: body.deploymentConfigName }),
    });
    return id;
  }

  #stop(deployment: Deployment): void {
    if (!isOpen(deployment)) throw new AwsFault("DeploymentAlreadyCompletedException");
    const back = `${deployment.id}-back`;
    deployment.frames = [{ status: "InProgress" }, { status: "Stopped", error: { code: "MANUAL_STOP", message: "" } }];
    deployment.rollback = back;
    this.#takeBack(deployment, back);
  }

  /** The deployment by which CodeDeploy takes another back. */
  #takeBack({ from, to }: Deployment, id: string): void {
    const frames = [{ status: "InProgress" }, { status: "Succeeded", weight: 1 }];
    this.add({ id, from: to, to: from, creator: "codeDeployRollback", frames });
  }

  #look(deployment: Deployment): unknown {
    const frame = deployment.frames.length > 1 ? deployment.frames.shift() : deployment.frames[0];
    frame?.reached?.();
    Object.assign(deployment, { status: frame?.status ?? deployment.status, error: frame?.error });
    if (frame?.weight !== undefined) this.#move(deployment, frame.weight);
    if (["Failed", "Stopped"].includes(deployment.status) && deployment.rollback === undefined) {
      deployment.rollback = `${deployment.id}-back`;
      this.#takeBack(deployment, deployment.rollback);
    }
    const { id, status, creator = "user", config = "steps", error, rollback, from, to } = deployment;
    const Properties = { CurrentVersion: from, TargetVersion: to };
    const content = JSON.stringify({ Resources: [{ function: { Properties } }] });
    return {
      deploymentInfo: {
        ...{ deploymentId: id, status, creator, deploymentConfigName: config, createTime: 1_770_000_000 },
        ...{ revision: { revisionType: "AppSpecContent", appSpecContent: { content } }, errorInformation: error },
        ...(rollback !== undefined && { rollbackInfo: { rollbackDeploymentId: rollback } }),
      },
    };
  }

  #move({ from, to }: Deployment, weight: number): void {
    this.alias = weight === 1 ? { version: to, weights: {} } : { version: from, weights: { [to]: weight } };
  }
}

const isOpen = ({ status }: Deployment): boolean => !["Succeeded", "Failed", "Stopped"].includes(status);

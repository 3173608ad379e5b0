import { credentials } from "@grpc/grpc-js";
import callbackRpc from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import callbackMessages from "@pulumi/pulumi/proto/callback_pb.js";
import resourceMessages from "@pulumi/pulumi/proto/resource_pb.js";

const { CallbacksClient } = callbackRpc;
const { CallbackInvokeRequest } = callbackMessages;
const { TransformRequest, TransformResourceOptions, TransformResponse } = resourceMessages;

type Client = InstanceType<typeof CallbacksClient>;
type Struct = Parameters<InstanceType<typeof TransformRequest>["setProperties"]>[0] & {
  toJavaScript(): Record<string, unknown>;
};

/** Where one transform of the program can be called. */
interface Callback {
  getToken(): string;
  getTarget(): string;
}

/** The parts of a registration that a transform sees or changes. */
export interface RegisterRequest {
  toObject(): Record<string, unknown>;
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getTransformsList(): Callback[];
  getObject(): Struct;
  setObject(properties: Struct): void;
  getDependenciesList(): string[];
  setDependenciesList(urns: string[]): void;
}

/** Transforms of the resources of one run, called for everything below a resource as the engine calls them. */
export class Transforms {
  readonly #clients = new Map<string, Client>();
  readonly #inherited = new Map<string, readonly Callback[]>();

  /** Changes a registration in place, its properties and what it waits for, by its own transforms and those of its parents. */
  async apply(request: RegisterRequest): Promise<void> {
    for (const callback of this.#of(request)) {
      const answer = await this.#invoke(callback, question(request));
      request.setObject(answer.getProperties() as unknown as Struct);
      request.setDependenciesList(answer.getOptions()?.getDependsOnList() ?? request.getDependenciesList());
    }
  }

  /** Notes under which URN a resource was registered, so that its children find it. */
  registered(request: RegisterRequest, urn: string): void {
    this.#inherited.set(urn, this.#of(request));
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  #of(request: RegisterRequest): readonly Callback[] {
    return [...request.getTransformsList(), ...(this.#inherited.get(request.getParent()) ?? [])];
  }

  async #invoke(
    callback: Callback,
    request: InstanceType<typeof TransformRequest>,
  ): Promise<InstanceType<typeof TransformResponse>> {
    const call = new CallbackInvokeRequest();
    call.setToken(callback.getToken());
    call.setRequest(request.serializeBinary());
    const client = this.#client(callback.getTarget());
    return await new Promise((resolve, reject) => {
      client.invoke(call, (error, answer) => {
        if (error === null) resolve(TransformResponse.deserializeBinary(answer.getResponse_asU8()));
        else reject(new Error(error.message));
      });
    });
  }

  #client(target: string): Client {
    const client = this.#clients.get(target) ?? new CallbacksClient(target, credentials.createInsecure());
    this.#clients.set(target, client);
    return client;
  }
}

function question(request: RegisterRequest): InstanceType<typeof TransformRequest> {
  const asked = new TransformRequest();
  asked.setType(request.getType());
  asked.setName(request.getName());
  asked.setCustom(request.getCustom());
  asked.setParent(request.getParent());
  asked.setProperties(request.getObject());
  const options = new TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  asked.setOptions(options);
  return asked;
}

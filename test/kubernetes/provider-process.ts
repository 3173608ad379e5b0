import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { call, type Answer } from "../../sandbox/kubernetes/server/client.ts";
import { decodeProperties, encodeProperties } from "../../sandbox/server/marshal.ts";
import { fromStruct, grpc, messages, services, toStruct } from "../../sandbox/server/wire.ts";
import type { Properties } from "../../sandbox/types/type-spec.ts";

const providerFile = new URL("../../sandbox/provider.ts", import.meta.url).pathname;

/** A created object as the engine remembers it. */
export interface Made {
  type: string;
  urn: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
}

/** The kubernetes provider in a process of its own, spoken to as the engine does. */
export interface ProviderProcess {
  process: ChildProcess;
  /** Lines for people; an engine would be told. */
  said: string[];
  create(type: string, inputs: Properties, options?: { preview?: boolean }): Promise<Made>;
  update(made: Made, inputs: Properties): Promise<Made>;
  remove(made: Made): Promise<void>;
  kill(): Promise<void>;
}

/** Starts the provider for one cluster of the sandbox. */
export async function startProvider(directory: string, env: NodeJS.ProcessEnv, cluster: string) {
  const words = ["--disable-warning=ExperimentalWarning", providerFile, "kubernetes", "4.34.2", directory];
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const [port] = (await once(lines, "line")) as [string];
  const said: string[] = [];
  lines.on("line", (line) => said.push(line));
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const ask = <T>(method: string, request: unknown) => unary<T>(client, method, request);
  const configuration = new messages.ConfigureRequest();
  const contexts = [{ name: "c", context: { cluster } }];
  configuration.setArgs(toStruct({ kubeconfig: JSON.stringify({ contexts, "current-context": "c" }) }));
  await ask("configure", configuration);
  const kill = async () => {
    client.close();
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { process: child, said, kill, ...operations(ask) } satisfies ProviderProcess;
}

type Ask = <T>(method: string, request: unknown) => Promise<T>;

function operations(ask: Ask): Pick<ProviderProcess, "create" | "update" | "remove"> {
  const struct = (properties: Properties) => toStruct(encodeProperties(properties));
  return {
    create: async (type, inputs, { preview = false } = {}) => {
      const name = String((inputs["metadata"] as Properties)["name"]);
      const urn = `urn:pulumi:dev::lab::${type}::${name}`;
      const request = new messages.CreateRequest();
      request.setUrn(urn);
      request.setProperties(struct(inputs));
      request.setPreview(preview);
      const response = await ask<InstanceType<typeof messages.CreateResponse>>("create", request);
      const outputs = decodeProperties(fromStruct(response.getProperties()));
      return { type, urn, id: response.getId(), inputs, outputs };
    },
    update: async (made, inputs) => {
      const request = new messages.UpdateRequest();
      request.setUrn(made.urn);
      request.setId(made.id);
      request.setOldInputs(struct(made.inputs));
      request.setOlds(struct(made.outputs));
      request.setNews(struct(inputs));
      const response = await ask<InstanceType<typeof messages.UpdateResponse>>("update", request);
      return { ...made, inputs, outputs: decodeProperties(fromStruct(response.getProperties())) };
    },
    remove: async (made) => {
      const request = new messages.DeleteRequest();
      request.setUrn(made.urn);
      request.setId(made.id);
      request.setOldInputs(struct(made.inputs));
      request.setProperties(struct(made.outputs));
      await ask("delete", request);
    },
  };
}

function unary<T>(client: InstanceType<typeof grpc.Client>, method: string, request: unknown): Promise<T> {
  const definition = services.ResourceProviderService[method];
  if (definition === undefined) throw new Error(`the protocol has no ${method}`);
  return new Promise((resolve, reject) => {
    const { path, requestSerialize, responseDeserialize } = definition;
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize as (bytes: Buffer) => T,
      request,
      (error, answer) => (error === null ? resolve(answer as T) : reject(new Error(error.details))),
    );
  });
}

/** Folders of the API servers that run, or ran, for a sandbox. */
export function serverFolders(directory: string): string[] {
  const root = join(directory, "kubernetes");
  return existsSync(root) ? readdirSync(root).map((name) => join(root, name)) : [];
}

/** Asks the one running server of a sandbox. */
export function askServer(directory: string, path: string): Promise<Answer> {
  const [folder = ""] = serverFolders(directory);
  const { clusters, users } = JSON.parse(readFileSync(join(folder, "kubeconfig"), "utf8")) as {
    clusters: { cluster: { server: string } }[];
    users: { user: { token: string } }[];
  };
  const port = Number(new URL(clusters[0]?.cluster.server ?? "").port);
  return call({ port, token: users[0]?.user.token ?? "" }, "GET", path, undefined);
}

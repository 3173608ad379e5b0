import { createRequire } from "node:module";

import type * as Grpc from "@grpc/grpc-js";
import type * as PluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as ProviderMessages from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

/**
 * The generated protocol modules and nothing else of the Pulumi SDK: every explicit provider starts one process, and
 * loading the whole SDK would cost each of them half a second.
 */
const require = createRequire(import.meta.url);

export const grpc = require("@grpc/grpc-js") as typeof Grpc;
export const messages = require("@pulumi/pulumi/proto/provider_pb.js") as typeof ProviderMessages;
export const plugin = require("@pulumi/pulumi/proto/plugin_pb.js") as typeof PluginMessages;
export const services = require("@pulumi/pulumi/proto/provider_grpc_pb.js") as {
  ResourceProviderService: Grpc.ServiceDefinition;
};
export const { Struct: StructMessage } = require("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: typeof Struct;
};
export const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js") as {
  Empty: new () => unknown;
};

type Json = Record<string, unknown>;

export function fromStruct(struct: Struct | undefined): Json {
  return struct?.toJavaScript() ?? {};
}

export function toStruct(properties: Json): Struct {
  return StructMessage.fromJavaScript(properties as Parameters<typeof StructMessage.fromJavaScript>[0]);
}

import { createRequire } from "node:module";

import type * as EngineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type * as Grpc from "@grpc/grpc-js";

import { grpc } from "./wire.ts";

const require = createRequire(import.meta.url);

/**
 * Takes lines for people. The engine hides what a provider writes and shows what it is told over its own protocol; without an engine
 * they go to standard output. Words of the command line other than the address are switches.
 */
export function engineLog(engineArgs: readonly string[]): (line: string) => void {
  const address = engineArgs.find((word) => /^[\w.-]+:\d+$/.test(word));
  let client: Grpc.Client | undefined;
  return (line) => {
    if (address === undefined) return console.log(line);
    client ??= new grpc.Client(address, grpc.credentials.createInsecure());
    tell(client, line);
  };
}

/** Loaded with the first line: most provider processes never say one. */
function tell(client: Grpc.Client, line: string): void {
  const { LogRequest, LogSeverity } = require("@pulumi/pulumi/proto/engine_pb.js") as typeof EngineMessages;
  const { EngineService } = require("@pulumi/pulumi/proto/engine_grpc_pb.js") as {
    EngineService: Grpc.ServiceDefinition;
  };
  const request = new LogRequest();
  request.setSeverity(LogSeverity.INFO);
  request.setMessage(line);
  const { path, requestSerialize, responseDeserialize } = EngineService["log"] as Grpc.MethodDefinition<
    unknown,
    unknown
  >;
  // An engine that is about to end does not answer, and nothing depends on it.
  client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, () => undefined);
}

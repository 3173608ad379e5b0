import {
  DeleteLayerVersionCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";

import type { CloudResource } from "../../types/type-spec.ts";
import { list, orUndefined, string, value } from "./build.ts";
import { codeOf } from "./code.ts";
import type { LiveType } from "./live-type.ts";

export const layer: LiveType = {
  ensure: async (clients, resource) => {
    const lambda = await clients.lambda();
    const LayerName = liveLayerName(string(resource, "layerName"), resource.outputs["version"]);
    if ((await newestLayer(lambda, LayerName)) !== undefined) return;
    await lambda.send(new PublishLayerVersionCommand({ LayerName, Content: codeOf(resource).upload }));
  },
  remove: async (clients, resource) => {
    const lambda = await clients.lambda();
    const LayerName = liveLayerName(string(resource, "layerName"), resource.outputs["version"]);
    const { LayerVersions = [] } = (await orUndefined(lambda.send(new ListLayerVersionsCommand({ LayerName })))) ?? {};
    for (const { Version } of LayerVersions)
      await lambda.send(new DeleteLayerVersionCommand({ LayerName, VersionNumber: Version }));
  },
};

/** A layer of its own per version: the emulator counts versions from one again whenever its state is new. */
function liveLayerName(name: string, version: unknown): string {
  return `${name}-v${String(version)}`;
}

async function newestLayer(lambda: LambdaClient, LayerName: string): Promise<string | undefined> {
  const listed = await orUndefined(lambda.send(new ListLayerVersionsCommand({ LayerName })));
  return listed?.LayerVersions?.[0]?.LayerVersionArn;
}

/** ARNs in the emulator of the layers that a function names. */
export async function liveLayers(lambda: LambdaClient, resource: CloudResource): Promise<string[]> {
  const arns = list(value(resource, "layers")).map(String);
  return Promise.all(
    arns.map(async (arn) => {
      const [name = "", version = ""] = arn.split(":").slice(-2);
      const found = await newestLayer(lambda, liveLayerName(name, version));
      if (found === undefined) throw new Error(`the layer ${arn} is not in the emulator`);
      return found;
    }),
  );
}

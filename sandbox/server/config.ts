import type { CheckRequest, DiffRequest } from "@pulumi/pulumi/proto/provider_pb.js";

import { diffResponse } from "./diff-response.ts";
import { diffProperties } from "./diff.ts";
import { identityOf, parseConfig } from "./identity.ts";
import { decodeProperties, encodeProperties } from "./marshal.ts";
import { fromStruct, messages, plugin, toStruct } from "./wire.ts";

export function pluginInfo(version: string): unknown {
  const info = new plugin.PluginInfo();
  info.setVersion(version);
  return info;
}

/** The engine asks for a schema only where a tool wants to browse one; programs carry their own types. */
export function schema(packageName: string, version: string): unknown {
  const response = new messages.GetSchemaResponse();
  response.setSchema(JSON.stringify({ name: packageName, version }));
  return response;
}

export function checkConfig(request: CheckRequest): unknown {
  const response = new messages.CheckResponse();
  response.setInputs(toStruct(encodeProperties(decodeProperties(fromStruct(request.getNews())))));
  return response;
}

/** Another cluster is another world: its objects have to be made anew. Other packages keep their resources. */
export function diffConfig(packageName: string, request: DiffRequest): unknown {
  const olds = decodeProperties(fromStruct(request.hasOldInputs() ? request.getOldInputs() : request.getOlds()));
  const news = decodeProperties(fromStruct(request.getNews()));
  const before = identityOf(packageName, parseConfig(olds));
  const moved = before.account !== identityOf(packageName, parseConfig(news)).account;
  const replaceOn = packageName === "kubernetes" && moved ? ["kubeconfig"] : [];
  return diffResponse({ differences: diffProperties(olds, news, { replaceOn }), deleteBeforeReplace: false });
}

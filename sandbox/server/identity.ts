import { createHash } from "node:crypto";
import { createRequire } from "node:module";

import type * as Yaml from "yaml";

type Json = Record<string, unknown>;

/** Whose cloud a provider works on. Accounts never see each other's resources. */
export interface Identity {
  account: string;
  /** Empty for packages that know no regions. */
  region: string;
  /** Tags that an AWS provider puts on everything it makes. */
  defaultTags?: Readonly<Record<string, string>>;
}

/** Account and region from the configuration the engine hands to a provider. */
export function identityOf(packageName: string, config: Json): Identity {
  switch (packageName) {
    case "aws":
      return awsIdentity(config);
    case "kubernetes":
      return { account: clusterOf(parseDocument(config["kubeconfig"])) ?? "default", region: "" };
    case "github":
      return { account: text(config["owner"]) ?? text(config["organization"]) ?? "github", region: "" };
    default:
      return { account: packageName === "mongodbatlas" ? "atlas" : packageName, region: "" };
  }
}

/** Provider configuration arrives with nested values as JSON text. */
export function parseConfig(config: Json): Json {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, key === "kubeconfig" ? value : parsed(value)]),
  );
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function awsIdentity(config: Json): Identity {
  const identity = { account: awsAccount(config), region: text(config["region"]) ?? "us-east-1" };
  const tags = (config["defaultTags"] as Json | undefined)?.["tags"] as Record<string, string> | undefined;
  return tags === undefined ? identity : { ...identity, defaultTags: tags };
}

function awsAccount(config: Json): string {
  const allowed: unknown = config["allowedAccountIds"];
  if (Array.isArray(allowed) && typeof allowed[0] === "string") return allowed[0];
  const assumed: unknown = config["assumeRoles"] ?? config["assumeRole"];
  const role = (Array.isArray(assumed) ? assumed[0] : assumed) as Json | undefined;
  return text(role?.["roleArn"])?.split(":")[4] || "000000000000";
}

/**
 * The cluster a kubeconfig points at. EKS calls every cluster `kubernetes` in the kubeconfigs it makes, so the name
 * asked for a token with comes first.
 */
export function clusterOf(kubeconfig: Json | undefined): string | undefined {
  if (kubeconfig === undefined) return undefined;
  const context = named(kubeconfig["contexts"], text(kubeconfig["current-context"]))?.["context"] as Json | undefined;
  const user = named(kubeconfig["users"], text(context?.["user"]))?.["user"] as Json | undefined;
  const args = ((user?.["exec"] as Json | undefined)?.["args"] ?? []) as unknown[];
  const flag = args.findIndex((arg) => arg === "--cluster-name" || arg === "-i" || arg === "--cluster-id");
  const fromToken = flag < 0 ? undefined : text(args[flag + 1]);
  if (fromToken !== undefined) return fromToken;
  const name = text(context?.["cluster"])?.split("/").pop();
  if (name !== undefined && name !== "kubernetes") return name;
  const cluster = named(kubeconfig["clusters"], name)?.["cluster"] as Json | undefined;
  const server = text(cluster?.["server"]);
  return server === undefined ? name : `cluster-${createHash("sha256").update(server).digest("hex").slice(0, 10)}`;
}

function named(list: unknown, name: string | undefined): Json | undefined {
  if (!Array.isArray(list)) return undefined;
  return (list as Json[]).find((item) => item["name"] === name) ?? (list[0] as Json | undefined);
}

function parseDocument(value: unknown): Json | undefined {
  const source = text(value);
  if (source === undefined) return undefined;
  try {
    return (source.trimStart().startsWith("{") ? JSON.parse(source) : parseYaml(source)) as Json | undefined;
  } catch {
    return undefined;
  }
}

/** Loaded on demand: most provider processes never meet YAML, and loading its parser is a fifth of their start. */
function parseYaml(source: string): unknown {
  const { parse } = createRequire(import.meta.url)("yaml") as typeof Yaml;
  return parse(source);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

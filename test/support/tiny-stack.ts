import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { locateCli, type PulumiCli } from "../../automation/engine/cli.ts";
import type { Operation } from "../../automation/engine/operation.ts";

/** One resource of the tiny program; see the tiny provider for what its inputs do. */
export interface TinyItem {
  name: string;
  value?: string;
  key?: string;
  fail?: string;
  gate?: string;
  secret?: string;
  /** Names of earlier items. */
  dependsOn?: string[];
}

/** A project, a state backend and a plugin folder of their own, in a folder that `remove` takes away. */
export interface TinyStack {
  directory: string;
  environment: Record<string, string>;
  cli(): Promise<PulumiCli>;
  /** What the program registers from now on. */
  setItems(items: readonly TinyItem[]): void;
  /** Changes items behind the engine's back; null deletes. */
  drift(items: Record<string, { value: string } | null>): void;
  /** Makes the stack's empty state. */
  addStack(name: string): void;
  operation(kind: Operation["kind"], more?: Partial<Operation>): Operation;
  /** Names of the resources in the state, sorted, provider and stack left out. */
  stateItems(stack?: string): string[];
  /** Pending operations in the state. */
  pending(stack?: string): unknown[];
  journal(): string[];
  openGate(name: string): void;
  gate(name: string): string;
  remove(): void;
}

const root = resolve(import.meta.dirname, "../..");

const program = `import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
class Item extends pulumi.CustomResource {
  constructor(name, args, options) { super("tiny:index:Item", name, args, { ...options, version: "1.0.0" }); }
}
const items = JSON.parse(readFileSync(new URL("./items.json", import.meta.url), "utf8"));
if (items === null) throw new Error("the program is broken");
const made = new Map();
for (const { name, dependsOn = [], secret, ...args } of items)
  made.set(name, new Item(name, args, { dependsOn: dependsOn.map((each) => made.get(each)) }));
export const names = pulumi.all([...made.values()].map((item) => item.id)).apply((ids) => ids.join(","));
export const hidden = pulumi.secret("canary-secret");
`;

/** For the empty passphrase. */
const salt = "v1:c2xpcHdheSE=:v1:c2xpcHdheS1zYW5k:dR2vdNIqq3lJuhiw/WufUuSqawf/DA==";

const checkpoint = (stack: string) => ({
  version: 3,
  checkpoint: {
    stack: `organization/tiny/${stack}`,
    latest: {
      manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
      secrets_providers: { type: "passphrase", state: { salt } },
      metadata: {},
    },
  },
});

function writeProject(directory: string): void {
  const plugin = join(directory, "home", "plugins", "resource-tiny-v1.0.0");
  for (const folder of [plugin, join(directory, "state", ".pulumi", "stacks", "tiny"), join(directory, "gates")])
    mkdirSync(folder, { recursive: true });
  const launcher = `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, "tiny-provider.ts")}" "$@"\n`;
  writeFileSync(join(plugin, "pulumi-resource-tiny"), launcher, { mode: 0o755 });
  writeFileSync(
    join(directory, "Pulumi.yaml"),
    "name: tiny\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  writeFileSync(join(directory, "package.json"), `{"type": "module", "main": "index.js"}`);
  writeFileSync(join(directory, "index.js"), program);
  writeFileSync(join(directory, "state", ".pulumi", "meta.yaml"), "version: 1\n");
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
}

const environmentFor = (directory: string): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ),
  PULUMI_HOME: join(directory, "home"),
  PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
  PULUMI_CONFIG_PASSPHRASE: "",
  PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  TINY_JOURNAL: join(directory, "journal.txt"),
  TINY_CLOUD: join(directory, "cloud.json"),
});

function readState(
  directory: string,
  stack: string,
): { resources?: { urn: string }[]; pending_operations?: unknown[] } {
  const file = join(directory, "state", ".pulumi", "stacks", "tiny", `${stack}.json`);
  return (JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: object } }).checkpoint.latest;
}

/** Makes a project with an empty stack `dev`. */
export function createTinyStack(): TinyStack {
  const directory = mkdtempSync(join(tmpdir(), "slipway-engine-"));
  writeProject(directory);
  const environment = environmentFor(directory);
  const at = (...parts: string[]) => join(directory, ...parts);
  const tiny: TinyStack = {
    directory,
    environment,
    cli: () => locateCli({ root, environment, report: () => undefined }),
    setItems: (items) => writeFileSync(at("items.json"), JSON.stringify(items)),
    drift: (items) => writeFileSync(at("cloud.json"), JSON.stringify(items)),
    addStack(name) {
      writeFileSync(at("state", ".pulumi", "stacks", "tiny", `${name}.json`), JSON.stringify(checkpoint(name)));
      writeFileSync(at(`Pulumi.${name}.yaml`), `encryptionsalt: ${salt}\n`);
    },
    operation: (kind, more) => ({
      ...{ kind, stack: "dev", workDir: directory, environment, logDirectory: at("logs") },
      ...more,
    }),
    stateItems: (stack = "dev") =>
      (readState(directory, stack).resources ?? [])
        .filter(({ urn }) => urn.includes("::tiny:index:Item::"))
        .map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2))
        .sort(),
    pending: (stack = "dev") => readState(directory, stack).pending_operations ?? [],
    journal: () => readFileSync(at("journal.txt"), "utf8").trim().split("\n"),
    gate: (name) => at("gates", name),
    openGate: (name) => writeFileSync(at("gates", name), ""),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
  tiny.addStack("dev");
  return tiny;
}

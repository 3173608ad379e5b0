import type { SandboxSwitch } from "../engine/sandbox.ts";
import type { Console } from "./console.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";

type SandboxStatus = Awaited<ReturnType<SandboxSwitch["tools"]["sandboxStatus"]>>;
type SimulatedType = SandboxStatus["types"][number];

const lineWidth = 120;

/** What stands in the sandbox by account, then how each type is simulated; fits a terminal of 120 columns. */
export function sandboxStatusLines({ colors }: Pick<Console, "colors">, status: SandboxStatus): string[] {
  const { types, orphans, faults } = status;
  const heading = (text: string) => ["", colors.bold(text)];
  const listed = orphans.map(({ type, id, urn }) => `  ${type} ${id} (${urn})`);
  return [
    ...wrap(status.notice, lineWidth),
    `directory: ${status.directory}`,
    ...wrap(kubernetesLine(status.kubernetes), lineWidth),
    ...(types.length === 0 ? ["", "nothing stands there yet"] : accountLines(types, heading)),
    ...(types.length === 0 ? [] : [...heading("what is real about it"), ...fidelityLines(types)]),
    ...liveLines(status.live, heading),
    ...(types.length === 0 ? [] : ["", plural(status.total, "resource")]),
    ...(orphans.length === 0 ? [] : ["", `${plural(orphans.length, "resource")} no stack knows:`, ...listed]),
    ...(faults.length === 0 ? [] : ["", `${plural(faults.length, "fault")} waiting: ./slipway sandbox fault list`]),
  ];
}

/** `aws:ec2/vpc:Vpc` -> `aws ec2 Vpc`, `kubernetes:core/v1:Service` -> `kubernetes core Service`, `github:index/x:X` -> `github X`. */
export function shortType(token: string): string {
  const [packageName = "", module = "", name = ""] = token.split(":");
  const service = module.split("/")[0] ?? "";
  return [packageName, service === "index" ? "" : service, name].filter((part) => part !== "").join(" ");
}

function accountLines(types: readonly SimulatedType[], heading: (text: string) => string[]): string[] {
  const accounts = Map.groupBy(types, ({ account }) => account);
  return [...accounts].flatMap(([account, own]) => {
    const count = own.reduce((sum, each) => sum + each.count, 0);
    const rows = own.map((each) => [`  ${each.count}`, shortType(each.type), each.region, mark(each)]);
    return [...heading(`${account}: ${plural(count, "resource")}`), ...table(rows)];
  });
}

const mark = ({ how }: SimulatedType) => (how === "echoed" ? "echoed" : "");

/** Once per type, however many accounts and regions have it. */
function fidelityLines(types: readonly SimulatedType[]): string[] {
  const byName = new Map(types.map(({ type, fidelity }) => [shortType(type), fidelity]));
  const rows = [...byName].sort(([a], [b]) => a.localeCompare(b));
  const indent = 4 + Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, fidelity]) =>
    wrap(fidelity, Math.max(40, lineWidth - indent)).map(
      (line, index) => (index === 0 ? `  ${name}` : "").padEnd(indent) + line,
    ),
  );
}

/** What runs for real on this machine: in production this, here that. */
function liveLines(
  { reason, endpoint, services }: SandboxStatus["live"],
  heading: (text: string) => string[],
): string[] {
  if (services.length === 0) return [];
  const state =
    reason === undefined ? `run by a local emulator${endpoint ? `, now on ${endpoint}` : ""}` : `simulated: ${reason}`;
  const indent = 4 + Math.max(...services.map(({ production }) => production.length));
  const rows = services.flatMap(({ production, sandbox }) =>
    wrap(sandbox, Math.max(40, lineWidth - indent)).map(
      (line, index) => (index === 0 ? `  ${production}` : "").padEnd(indent) + line,
    ),
  );
  return [...heading(`what runs in production, and here (${state})`), ...rows];
}

/** Whether a real API server judges Kubernetes objects, and how to get one. */
function kubernetesLine({ server, reason }: SandboxStatus["kubernetes"]): string {
  return server === undefined
    ? `Kubernetes objects are kept on record: ${reason}. ` +
        "With SLIPWAY_SANDBOX_KUBERNETES=server, once npm test has built it, they also go to a real kube-apiserver."
    : `Kubernetes objects also go to a real kube-apiserver ${server}, one per cluster while an engine changes it: ` +
        "what it refuses fails. No nodes, no controllers.";
}

/** Breaks a sentence between words; a word longer than the width stays whole. */
function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

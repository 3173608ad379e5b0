import type { SandboxSwitch } from "../engine/sandbox.ts";
import type { Console } from "./console.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";

type SandboxStatus = Awaited<ReturnType<SandboxSwitch["tools"]["sandboxStatus"]>>;

/** What stands in the sandbox, and how each type is simulated. */
export function sandboxStatusLines({ colors }: Console, status: SandboxStatus): string[] {
  const head = ["account", "region", "type", "count", "how", "what is real about it"].map(colors.bold);
  const rows = status.types.map(({ account, region, type, count, how, fidelity }) => [
    account,
    region || "-",
    type,
    String(count),
    how,
    fidelity,
  ]);
  const orphans = status.orphans.map(({ type, id, urn }) => `  ${type} ${id} (${urn})`);
  return [
    status.notice,
    `directory: ${status.directory}`,
    "",
    ...(rows.length === 0 ? ["nothing stands there yet"] : table([head, ...rows])),
    ...(rows.length === 0 ? [] : ["", plural(status.total, "resource")]),
    ...(orphans.length === 0 ? [] : ["", `${plural(orphans.length, "resource")} no stack knows:`, ...orphans]),
    ...(status.faults.length === 0
      ? []
      : ["", `${plural(status.faults.length, "fault")} waiting: ./slipway sandbox fault list`]),
  ];
}

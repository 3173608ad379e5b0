import { z } from "zod";
import type { Context } from "../context.ts";
import type { Tried } from "../streams/connections/try.ts";
import { table } from "./table.ts";

/** What connections of an environment lead to, and what came of trying them. */
export interface ConnectionsReport {
  environment: string;
  /** In the sandbox nobody is asked. */
  simulated: boolean;
  tested: boolean;
  connections: readonly Tried[];
}

/** What `streams connections` promises. */
export const connectionsOutput: z.core.$ZodLooseShape = {
  ...{ action: z.literal("connections"), environment: z.string(), simulated: z.boolean(), tested: z.boolean() },
  connections: z.array(
    z.strictObject({
      ...{ name: z.string().min(1), type: z.string().min(1) },
      reach: z.enum(["public", "atlas", "unknown"]),
      state: z.enum(["reached", "partly", "failed", "untested", "unknown"]),
      why: z.string().nullable(),
      endpoints: z.array(
        z.strictObject({
          endpoint: z.string(),
          state: z.enum(["reached", "failed", "untested"]),
          stage: z.enum(["name", "connection", "certificate"]).nullable(),
          message: z.string(),
          milliseconds: z.int().nonnegative(),
          tls: z.strictObject({ version: z.string(), until: z.iso.datetime() }).nullable(),
        }),
      ),
    }),
  ),
};

/** Connections as JSON. */
export const connectionsJson = ({ connections, ...head }: ConnectionsReport): Record<string, unknown> => ({
  ...{ action: "connections", ...head },
  connections: connections.map(({ why, ...one }) => ({ ...one, why: why ?? null })),
});

const states = {
  reached: "green",
  partly: "yellow",
  failed: "red",
  untested: "dim",
  unknown: "yellow",
} as const;

/** Connections for people: a line for each address, and how far a test goes. */
export function connectionsText({ console: { colors } }: Pick<Context, "console">, report: ConnectionsReport): string {
  const { connections, environment } = report;
  if (connections.length === 0) return `${environment} has no connections`;
  const shown = (state: keyof typeof states) => colors[states[state]](state);
  const rows = connections.flatMap(({ name, type, state, why, endpoints }) => {
    if (endpoints.length === 0) return [[name, type, "-", shown(state), why ?? ""]];
    return endpoints.map((one) => [name, type, one.endpoint, shown(one.state), one.message]);
  });
  const lines = table([["connection", "type", "address", "state", ""], ...rows]);
  return [...lines, furtherOf(report)].join("\n");
}

/** How far that goes. */
function furtherOf({ tested, simulated }: ConnectionsReport): string {
  if (tested)
    return "A name, a connection and a certificate were tried from here. Whether Atlas gets there, and may log in, is not tested.";
  if (simulated) return "Nobody was asked: these connections are those of a sandbox, which nothing leaves.";
  return "Nobody was asked: --test tries names, connections and certificates.";
}

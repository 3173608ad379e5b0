import { z } from "zod";
import type { TrafficShift } from "../../../config/outputs.ts";
import { sha256 } from "../../release/canonical.ts";

/** What CodeDeploy is told: as `revision` of a deployment. */
export interface Revision {
  content: string;
  sha256: string;
}

/** Pure: which alias of which function goes from where to where, and who is asked on the way. */
export function appSpec(shift: TrafficShift, from: string, { hooks }: { hooks: boolean }): Revision {
  const { before, after } = hooks ? shift.hooks : {};
  const asked = [
    ...(before === undefined ? [] : [{ BeforeAllowTraffic: before }]),
    ...(after === undefined ? [] : [{ AfterAllowTraffic: after }]),
  ];
  const Properties = { Name: shift.function, Alias: shift.alias, CurrentVersion: from, TargetVersion: shift.version };
  const content = JSON.stringify({
    version: "0.0",
    Resources: [{ function: { Type: "AWS::Lambda::Function", Properties } }],
    ...(asked.length > 0 && { Hooks: asked }),
  });
  return { content, sha256: sha256(content) };
}

const resource = z.object({ Properties: z.object({ TargetVersion: z.coerce.string() }) });
const document = z.object({ Resources: z.array(z.record(z.string(), resource)).min(1) });

/** Pure: the version that a deployment leads to, by what it was told; undefined where that is not to be read. */
export function targetOf(content: string | undefined): string | undefined {
  const parsed = document.safeParse(parse(content ?? ""));
  return Object.values(parsed.data?.Resources[0] ?? {})[0]?.Properties.TargetVersion;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { Model, Status } from "./api.ts";

/** What one line of the table says, before it is words. */
export interface Row {
  key: string;
  name: string;
  version: string;
  status: Model["status"];
  stage: string | undefined;
  /** `stable` is what serves; `canary` is another version that gets, or should get, a part of the traffic. */
  role: "stable" | "canary" | "none";
  /** Parts of the traffic from 0 to 1: as registered, and as seen in the last answers. */
  planned: number | undefined;
  observed: number | undefined;
  metrics: [name: string, value: number][];
  requests: number | undefined;
  /** From 0 to 1; undefined without requests. */
  errorRate: number | undefined;
}

/** Models with what is known of their traffic. Without a status nothing is known of it, which is not the same as none. */
export function rowsOf(models: readonly Model[], status: Status | undefined): Row[] {
  return models.map((model) => {
    const key = `${model.name}/${model.version}`;
    const traffic = status?.traffic.models.find((one) => one.model === key);
    const requests = status && (traffic?.requests ?? 0);
    const observed = traffic?.share;
    const planned = model.weight === undefined ? undefined : model.weight / 100;
    return {
      key,
      name: model.name,
      version: model.version,
      status: model.status,
      stage: model.stage,
      role: roleOf(model.status, planned ?? 0, observed ?? 0),
      planned,
      observed,
      metrics: Object.entries(model.metrics ?? {}).sort(([one], [other]) => (one < other ? -1 : 1)),
      requests,
      errorRate: traffic && traffic.requests > 0 ? traffic.errors / traffic.requests : undefined,
    };
  });
}

function roleOf(status: Model["status"], planned: number, observed: number): Row["role"] {
  if (status === "serving") return "stable";
  return planned > 0 || observed > 0 ? "canary" : "none";
}

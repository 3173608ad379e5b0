import { z } from "zod";
import type { CheckKind, Probe } from "../check-kind.ts";
import { get, optionsFor } from "../http.ts";

/** The part of an Argo CD Application's status that says whether it runs what it should (argoproj.io/v1alpha1). */
const application = z.object({
  status: z
    .object({
      health: z.object({ status: z.string().optional(), message: z.string().optional() }).optional(),
      sync: z.object({ status: z.string().optional(), revision: z.string().optional() }).optional(),
      summary: z.object({ images: z.array(z.string()).optional() }).optional(),
    })
    .optional(),
});

/** What an Application must run. */
export interface Wanted {
  /** Released images by digest. */
  images: readonly string[];
  /** Commit of the branch of manifests: before Argo CD has seen it, whatever it says is about the release before. */
  revision?: string | undefined;
}

/** Pure: what a status means for what was released. */
export function judgeApplication(body: unknown, { images, revision }: Wanted): Probe {
  const parsed = application.safeParse(body);
  if (!parsed.success)
    return { state: "failed", detail: `not an Argo CD Application: ${z.prettifyError(parsed.error)}` };
  const status = parsed.data.status;
  const health = status?.health?.status ?? "Unknown";
  const sync = status?.sync?.status ?? "Unknown";
  const at = status?.sync?.revision;
  if (revision !== undefined && at !== revision)
    return {
      state: "pending",
      detail: `${sync} at ${at?.slice(0, 12) ?? "no commit"}, expected ${revision.slice(0, 12)}`,
    };
  if (health === "Degraded")
    return { state: "failed", detail: `Degraded${status?.health?.message ? `: ${status.health.message}` : ""}` };
  if (health !== "Healthy" || sync !== "Synced")
    return {
      state: "pending",
      detail: `health ${health}, sync ${sync}${status?.health?.message ? `: ${status.health.message}` : ""}`,
    };
  const running = status?.summary?.images ?? [];
  const missing = images.filter((image) => !running.includes(image));
  if (missing.length > 0)
    return { state: "pending", detail: `runs ${running.join(", ") || "no image"}, expected ${missing.join(", ")}` };
  return {
    state: "passed",
    detail: `Healthy, Synced, runs ${images.length} released image${images.length === 1 ? "" : "s"}`,
  };
}

/** An Argo CD Application is healthy, in sync, and runs exactly the released digests. */
export const argoApplication: CheckKind<"argo-application"> = {
  kind: "argo-application",
  async probe(check, { targets, signal, deployed }) {
    const target = await targets.kubernetes(check.cluster);
    const path = `/apis/argoproj.io/v1alpha1/namespaces/${encodeURIComponent(check.namespace)}/applications/${encodeURIComponent(check.name)}`;
    try {
      const answer = await get(`${target.server}${path}`, {
        ...(await optionsFor(target)),
        signal,
      });
      if (answer.status === 404)
        return { state: "pending", detail: `no Application ${check.namespace}/${check.name} in ${check.cluster}` };
      if (answer.status === 401 || answer.status === 403)
        return { state: "failed", detail: `${check.cluster} refused access (${answer.status})` };
      if (answer.status !== 200) return { state: "pending", detail: `${check.cluster} answered ${answer.status}` };
      const wanted = { images: check.images, revision: deployed.manifests };
      const probe = judgeApplication(JSON.parse(answer.body), wanted);
      return target.simulated === true && probe.state === "passed" ? { ...probe, simulated: true } : probe;
    } catch (error) {
      return { state: "pending", detail: `${check.cluster}: ${(error as Error).message}` };
    }
  },
};

import { block, failures, list, text } from "../build.ts";
import type { Failure, Properties, TypeContext } from "../type-spec.ts";

/** An Application needs a project, one source or several, and where to put the result. */
export function checkApplication(inputs: Properties): Failure[] {
  const spec = block(inputs["spec"]);
  const source = block(spec["source"]);
  const destination = block(spec["destination"]);
  const sources = list(spec["sources"]);
  const fail = (reason: string): Failure => ({ property: "spec", reason: `InvalidSpecError: ${reason}` });
  if (typeof inputs["spec"] === "symbol") return [];
  return failures(
    spec["project"] === undefined ? fail("spec.project is required") : undefined,
    spec["source"] === undefined && sources.length === 0 ? fail("spec.source or spec.sources is required") : undefined,
    spec["source"] !== undefined && source["repoURL"] === undefined
      ? fail("spec.source.repoURL is required")
      : undefined,
    spec["source"] !== undefined && source["path"] === undefined && source["chart"] === undefined
      ? fail("spec.source.path or spec.source.chart is required")
      : undefined,
    destination["server"] === undefined && destination["name"] === undefined
      ? fail("spec.destination.server or spec.destination.name is required")
      : undefined,
    destination["server"] !== undefined && destination["name"] !== undefined
      ? fail("spec.destination has both server and name")
      : undefined,
    list(block(source["kustomize"])["images"]).flatMap((image) => (typeof image === "string" ? badImage(image) : [])),
  );
}

function badImage(image: string): Failure[] {
  const reason = `InvalidSpecError: "${image}" is not a kustomize image (name=repository@sha256:digest or name=repository:tag)`;
  return /^[^=\s]+(=[^=\s]+)?$/.test(image) ? [] : [{ property: "spec", reason }];
}

/** An Application may only use a project of its own namespace; `default` is always there. */
export function missingProject(inputs: Properties, context: TypeContext): string | undefined {
  const project = text(block(inputs["spec"])["project"]) ?? "default";
  const namespace = block(inputs["metadata"])["namespace"];
  const found = context
    .find("kubernetes:argoproj.io/v1alpha1:AppProject")
    .some((other) => other.id === `${String(namespace)}/${project}`);
  if (project === "default" || found) return undefined;
  return `InvalidSpecError: Application referencing project ${project} which does not exist`;
}

/** Status the simulated Argo CD controller gives an Application: everything synced and healthy at once. */
export function applicationStatus(inputs: Properties): Properties {
  const source = block(block(inputs["spec"])["source"]);
  const images = list(block(source["kustomize"])["images"]).filter((image) => typeof image === "string");
  return {
    health: { status: "Healthy" },
    sync: { status: "Synced", revision: text(source["targetRevision"]) ?? "HEAD" },
    summary: { images: images.map((image) => image.slice(image.indexOf("=") + 1)) },
  };
}

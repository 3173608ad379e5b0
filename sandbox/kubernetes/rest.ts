import type { Properties } from "../types/type-spec.ts";
import { valueAt } from "../types/path.ts";

export interface Answer {
  code: number;
  body: Properties;
}

interface Path {
  cluster: string;
  apiVersion: string;
  namespace: string | undefined;
  plural: string;
  name: string | undefined;
}

/** Answers one request in the Kubernetes REST conventions from the objects of a cluster. */
export function answer(method: string, url: string, objectsOf: (cluster: string) => readonly Properties[]): Answer {
  if (method !== "GET") return status(405, "MethodNotAllowed", "the sandbox's Kubernetes API is read-only");
  const path = parsePath(url);
  if (path === undefined) return status(404, "NotFound", "the server could not find the requested resource");
  const objects = objectsOf(path.cluster)
    .filter((object) => object["apiVersion"] === path.apiVersion && pluralOf(String(object["kind"])) === path.plural)
    .filter((object) => path.namespace === undefined || valueAt(object, "metadata.namespace") === path.namespace);
  if (path.name === undefined) return list(path, objects);
  const found = objects.find((object) => valueAt(object, "metadata.name") === path.name);
  const group = path.apiVersion.includes("/") ? `.${path.apiVersion.split("/")[0]}` : "";
  return found === undefined
    ? status(404, "NotFound", `${path.plural}${group} "${path.name}" not found`, { name: path.name, kind: path.plural })
    : { code: 200, body: found };
}

/** `/clusters/<cluster>/api/v1/…` or `/clusters/<cluster>/apis/<group>/<version>/…`. */
function parsePath(url: string): Path | undefined {
  const segments = new URL(url, "http://localhost").pathname.split("/").filter((segment) => segment !== "");
  const [clusters, cluster, root, ...rest] = segments.map(decodeSegment);
  if (clusters !== "clusters" || cluster === undefined || (root !== "api" && root !== "apis")) return undefined;
  const version = rest.splice(0, root === "api" ? 1 : 2);
  const apiVersion = version.join("/");
  // `namespaces/<name>` is the namespace itself; with more behind it, it is where the objects are.
  const namespace = rest[0] === "namespaces" && rest.length > 2 ? rest.splice(0, 2)[1] : undefined;
  const [plural, name] = rest;
  if (plural === undefined || rest.length > 2) return undefined;
  return { cluster, apiVersion, namespace, plural, name };
}

/** A service asked through the API server. */
export interface ProxyPath {
  cluster: string;
  namespace: string;
  name: string;
  /** Number or name. */
  port: string;
  /** What the pod is asked for: path and query. */
  path: string;
}

/** `/clusters/<cluster>/api/v1/namespaces/<namespace>/services/<name>:<port>/proxy/<path>` */
export function parseProxy(url: string): ProxyPath | undefined {
  const pattern =
    /^\/clusters\/([^/?]+)\/api\/v1\/namespaces\/([^/?]+)\/services\/([^/?:]+):([^/?:]+)\/proxy(\/[^?]*)?(\?.*)?$/;
  const match = pattern.exec(url);
  if (match === null) return undefined;
  const [, cluster = "", namespace = "", name = "", port = "", path = "/", query = ""] = match;
  const decoded = [cluster, namespace, name, port].map(decodeSegment);
  return {
    cluster: decoded[0] ?? "",
    namespace: decoded[1] ?? "",
    name: decoded[2] ?? "",
    port: decoded[3] ?? "",
    path: path + query,
  };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function list({ apiVersion, plural }: Path, objects: readonly Properties[]): Answer {
  const kind = objects[0] === undefined ? singularKind(plural) : String(objects[0]["kind"]);
  return { code: 200, body: { kind: `${kind}List`, apiVersion, metadata: {}, items: objects } };
}

/** The resource name of a kind, as API machinery guesses it for every kind without a declared one. */
export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower === "endpoints") return lower;
  if (/(s|x|z|ch|sh)$/.test(lower)) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

function singularKind(plural: string): string {
  const singular = plural
    .replace(/ies$/, "y")
    .replace(/(s|x|z|ch|sh)es$/, "$1")
    .replace(/([^s])s$/, "$1");
  return singular.charAt(0).toUpperCase() + singular.slice(1);
}

/** A failure in the words of the API machinery. */
export function status(code: number, reason: string, message: string, details?: Properties): Answer {
  const body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  return { code, body: details === undefined ? body : { ...body, details } };
}

import type { AtlasCore } from "./core.ts";
import type { Place } from "./state.ts";
import { badRequest, AtlasError } from "./protocol.ts";

/** A request, taken apart. */
export interface Call {
  method: string;
  projectId: string;
  parts: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: string;
  /** Version of the API that was asked for: a date, empty for the preview. */
  version: string;
}

/** What routes answer with. */
export interface Api {
  core: AtlasCore;
  /** `http://127.0.0.1:<port>` */
  address(): string;
}

/** The workspace that a call is about. */
export const placeOf = ({ projectId, parts }: Call): Place => ({ projectId, workspace: parts["tenant"] ?? "" });

export interface Route {
  method: string;
  /** Below `/api/atlas/v2/groups/{groupId}`; `{name}` stands for a segment. */
  path: string;
  /** What `sandbox fault` calls what it is about. */
  kind: "workspace" | "connection" | "processor" | "event";
  operation: "create" | "read" | "update" | "delete";
  answer(call: Call): unknown;
}

/** The route of a request, with what stands in its path. @throws AtlasError 404 or 405 */
export function routeOf(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; parts: Record<string, string> } {
  const fitting = routes.flatMap((route) => {
    const parts = partsOf(route.path, path);
    return parts === undefined ? [] : [{ route, parts }];
  });
  const found = fitting.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  if (fitting.length > 0)
    throw new AtlasError(
      405,
      "METHOD_NOT_ALLOWED",
      `${method} is not allowed here: ${fitting.map(({ route }) => route.method).join(", ")}.`,
    );
  throw new AtlasError(
    404,
    "RESOURCE_NOT_FOUND",
    `Cannot find resource ${path}. The sandbox answers streams and events of a project.`,
  );
}

function partsOf(pattern: string, path: string): Record<string, string> | undefined {
  const names = [...pattern.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const source = pattern.split(/\{\w+\}/).map((text) => text.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&"));
  const match = new RegExp(`^${source.join("([^/:]+)")}$`).exec(path);
  if (match === null) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? "")]));
}

/** Largest page that Atlas gives. */
const largestPage = 500;

/** One page of a list, in the form of the API. @throws AtlasError 400 for pages that there cannot be */
export function pageOf<T>(all: readonly T[], { query }: Pick<Call, "query">, address: string): Record<string, unknown> {
  const page = numberIn(query, "pageNum", 1, Number.MAX_SAFE_INTEGER, 1);
  const size = numberIn(query, "itemsPerPage", 1, largestPage, 100);
  const link = (number: number, rel: string) => {
    const changed = new URLSearchParams(query);
    changed.set("pageNum", String(number));
    changed.set("itemsPerPage", String(size));
    return { href: `${address}?${changed}`, rel };
  };
  const links = [link(page, "self")];
  if (page > 1) links.push(link(page - 1, "previous"));
  if (page * size < all.length) links.push(link(page + 1, "next"));
  const results = all.slice((page - 1) * size, page * size);
  return { links, results, ...(query.get("includeCount") === "false" ? {} : { totalCount: all.length }) };
}

function numberIn(query: URLSearchParams, name: string, least: number, most: number, usual: number): number {
  const given = query.get(name);
  if (given === null) return usual;
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= least && value <= most) return value;
  throw badRequest(
    "INVALID_QUERY_PARAMETER",
    `The query parameter ${name} is ${given}; it has to be a whole number from ${least} to ${most}.`,
    name,
  );
}

import type { JsonDocument } from "../../../streams/engine/json/document.ts";
import { AtlasError } from "./errors.ts";
import type { AtlasAnswer, AtlasHttp, AtlasRequest } from "./http.ts";
import { documentOf, pageOf } from "./read.ts";

const perPage = 100;
const mostPages = 1000;

/** Paths of one workspace, and answers as what they say. */
export class Api {
  readonly #http: AtlasHttp;
  readonly #project: string;
  readonly #workspace: string;

  constructor(http: AtlasHttp, project: string, workspace: string) {
    this.#http = http;
    this.#project = `/groups/${encodeURIComponent(project)}`;
    this.#workspace = workspace;
  }

  get project(): string {
    return this.#project;
  }

  get name(): string {
    return this.#workspace;
  }

  /** A path below the workspace. */
  below(...parts: string[]): string {
    return [`${this.#project}/streams`, ...[this.#workspace, ...parts].map(encodeURIComponent)].join("/");
  }

  processor(name: string, action = ""): string {
    return `${this.below("processor", name)}${action}`;
  }

  send(request: AtlasRequest): Promise<AtlasAnswer> {
    return this.#http.send(request);
  }

  /** What a call answered, read; an answer of another form is an error that says whose. */
  async read<T>(request: AtlasRequest, reader: (document: JsonDocument) => T): Promise<T> {
    const { status, text } = await this.#http.send(request);
    try {
      return reader(documentOf(text));
    } catch (cause) {
      const { host } = new URL(this.#http.address);
      const detail = "the answer is not of the form that the API documents";
      throw new AtlasError({ call: `${request.method} ${request.path}`, host, status, detail, cause });
    }
  }

  /** Undefined where there is none. */
  async find<T>(path: string, reader: (document: JsonDocument) => T): Promise<T | undefined> {
    try {
      return await this.read({ method: "GET", path }, reader);
    } catch (error) {
      if (error instanceof AtlasError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Every part of every page. */
  async all<T>(
    path: string,
    reader: (document: JsonDocument, path: (string | number)[]) => T,
    query: Record<string, string> = {},
  ): Promise<T[]> {
    const found: T[] = [];
    for (let number = 1; number <= mostPages; number += 1) {
      const asked = { ...query, pageNum: String(number), itemsPerPage: String(perPage) };
      const { parts, page } = await this.read({ method: "GET", path, query: asked }, (document) => {
        const read = pageOf(document);
        const all = Array.from({ length: read.length }, (_, index) => reader(document, ["results", index]));
        return { parts: all, page: read };
      });
      found.push(...parts);
      const last =
        page.more === undefined ? found.length >= (page.total ?? Infinity) || parts.length < perPage : !page.more;
      if (last || parts.length === 0) break;
    }
    return found;
  }
}

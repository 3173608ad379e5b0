import type { Properties } from "../../types/type-spec.ts";
import type { ApiServer } from "./api-server.ts";
import type { Answer } from "./client.ts";
import { groupPath, inOrder, objectPath, type Manifest, type ServedKind } from "./manifest.ts";

export interface ControlPlaneOptions {
  start(): Promise<ApiServer>;
  /** Everything of the cluster that is on record, in order of creation. */
  recorded(): Manifest[];
  /** Takes a line for people. */
  say(line: string): void;
}

/** The API server of one cluster in one process: started when it is needed, and again when it was lost, with what is on record. */
export class ControlPlane {
  readonly #options: ControlPlaneOptions;
  readonly #said = new Set<string>();
  #server: Promise<ApiServer> | undefined;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
  }

  /** @throws Error in the server's words when it would refuse the object. */
  async check(manifest: Manifest): Promise<void> {
    await this.#apply(manifest, true);
  }

  /** The same for a preview, which starts no server and does not know what else will be there by then. */
  async preview(manifest: Manifest): Promise<void> {
    const server = await this.#server?.catch(() => undefined);
    const path = server && (await this.#pathOf(server, manifest));
    if (server === undefined || path === undefined) return;
    // One that is there may be about to be replaced.
    if ((await server.ask("GET", path)).status !== 404) return;
    const answer = await server.apply(path, manifest.object, { dryRun: true });
    if (answer.status !== 404) this.#judge(answer);
  }

  /** @throws Error in the server's words. */
  async apply(manifest: Manifest): Promise<void> {
    await this.#apply(manifest, false);
  }

  /** What is gone already is fine. @throws Error in the server's words. */
  async remove(manifest: Manifest): Promise<void> {
    if (!manifest.deletable) return;
    const server = await this.#running();
    const path = await this.#pathOf(server, manifest);
    if (path === undefined) return;
    const answer = await server.ask("DELETE", path);
    if (answer.status === 404) return;
    this.#judge(answer);
    await release(server, path);
  }

  async #apply(manifest: Manifest, dryRun: boolean): Promise<void> {
    const server = await this.#running();
    const path = await this.#pathOf(server, manifest);
    if (path === undefined) return;
    const options = { dryRun, ...(manifest.manager === undefined ? {} : { manager: manifest.manager }) };
    const answer = await server.apply(path, manifest.object, options);
    if (answer.status !== 404) return this.#judge(answer);
    // Its namespace may have come through another process meanwhile.
    await this.#replay(server);
    this.#judge(await server.apply(path, manifest.object, options));
  }

  #running(): Promise<ApiServer> {
    if (this.#server !== undefined) return this.#server;
    const starting = this.#start();
    const forget = () => {
      if (this.#server === starting) this.#server = undefined;
    };
    starting.then(({ ended }) => ended.then(forget), forget);
    this.#server = starting;
    return starting;
  }

  async #start(): Promise<ApiServer> {
    const server = await this.#options.start();
    await this.#replay(server);
    return server;
  }

  /** What was recorded without a server may be refused by it: that is no reason to refuse what comes next. */
  async #replay(server: ApiServer): Promise<void> {
    for (const manifest of inOrder(this.#options.recorded())) {
      const path = await this.#pathOf(server, manifest);
      if (path === undefined) continue;
      const { object, kind, name, manager } = manifest;
      const { status, body } = await server.apply(path, object, manager === undefined ? {} : { manager });
      if (status >= 400) this.#sayOnce(`${kind} ${name} is on record and the API server refuses it: ${body.message}`);
    }
  }

  async #pathOf(server: ApiServer, manifest: Manifest): Promise<string | undefined> {
    const { apiVersion, kind } = manifest;
    const { status, body } = await server.ask("GET", groupPath(apiVersion));
    const kinds = status === 200 ? (body["resources"] as ServedKind[]) : [];
    const served = kinds.find((each) => each.kind === kind && !each.name.includes("/"));
    if (served !== undefined) return objectPath(manifest, served);
    this.#sayOnce(`${apiVersion} ${kind} is kept on record only: the cluster's API server does not know it`);
    return undefined;
  }

  #judge({ status, warnings, body }: Answer): void {
    if (status >= 400) throw new Error(body.message ?? `the API server answered ${status}`);
    for (const warning of warnings) this.#sayOnce(warning);
  }

  #sayOnce(line: string): void {
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.#options.say(line);
  }
}

/** An object that waits for a controller to let it go: none runs here, and everything that it would wait for is on record. */
async function release(server: ApiServer, path: string): Promise<void> {
  const { status, body } = await server.ask("GET", path);
  if (status !== 200) return;
  const { kind, metadata, spec } = body as { kind: string; metadata: Properties; spec?: Properties };
  if (kind === "Namespace") await server.ask("PUT", `${path}/finalize`, { ...body, spec: { ...spec, finalizers: [] } });
  else if (metadata["finalizers"] !== undefined)
    await server.ask("PUT", path, { ...body, metadata: { ...metadata, finalizers: [] } });
}

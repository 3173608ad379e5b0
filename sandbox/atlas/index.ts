import { sandboxAccounts } from "./credentials.ts";
import { listen, type Answering } from "./server.ts";

export interface AtlasOptions {
  /** Of the sandbox. */
  directory: string;
  /** The folder of streams whose samples and tests processors read. */
  streams: string;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** The Admin API of Atlas for stream processing, of one sandbox. */
export interface AtlasApi {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  close(): Promise<void>;
}

/** Variables that point a client of Atlas at the sandbox, as an account that may do everything. */
export function atlasApiVariables(endpoint: string): Record<string, string> {
  const { id, secret } = sandboxAccounts.owner;
  return { MONGODB_ATLAS_BASE_URL: endpoint, MONGODB_ATLAS_CLIENT_ID: id, MONGODB_ATLAS_CLIENT_SECRET: secret };
}

/** What to tell somebody who wants to look around in it. */
export function atlasLines(endpoint: string): string[] {
  const words = Object.entries(atlasApiVariables(endpoint)).map(([name, value]) => `${name}=${value}`);
  return ["Atlas' Admin API for stream processing answers beside it:", `  export ${words.join(" ")}`];
}

/**
 * Serves the API in this process. Everything else is in the sandbox's database: any number of processes can serve the same sandbox, and
 * what one of them answered another one knows. What it takes to answer is loaded with the first request.
 */
export async function startAtlasApi(options: AtlasOptions): Promise<AtlasApi> {
  let answering: Promise<Answering & { close(): void }> | undefined;
  const server = await listen(() => (answering ??= open(options)));
  let closed: Promise<void> | undefined;
  const close = async () => {
    await server.close();
    (await answering?.catch(() => undefined))?.close();
  };
  return { endpoint: server.endpoint, close: () => (closed ??= close()) };

  async function open({ directory, streams, now = Date.now }: AtlasOptions): Promise<Answering & { close(): void }> {
    const [{ Cloud }, { AtlasCore }, { samplesOf }, ...made] = await Promise.all([
      import("../cloud/cloud.ts"),
      import("./core.ts"),
      import("./samples.ts"),
      import("./workspaces.ts"),
      import("./connections.ts"),
      import("./processors.ts"),
    ]);
    const cloud = new Cloud(directory);
    const core = new AtlasCore({ cloud, samples: samplesOf(streams), now });
    const api = { core, address: () => server.endpoint };
    const [{ workspaceRoutes }, { connectionRoutes }, { processorRoutes }] = made;
    const routes = [...workspaceRoutes(api), ...connectionRoutes(api), ...processorRoutes(api)];
    return { routes, cloud, now, close: () => cloud.close() };
  }
}

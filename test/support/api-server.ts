import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApiServer, type ApiServer } from "../../sandbox/kubernetes/server/api-server.ts";
import type { ApiServerFiles } from "../../sandbox/kubernetes/server/files.ts";

/** A Kubernetes API server in a folder of its own, which goes with it. */
export function startTestServer(files: ApiServerFiles): Promise<ApiServer> {
  return startApiServer(files, mkdtempSync(join(tmpdir(), "slipway-kubernetes-")));
}

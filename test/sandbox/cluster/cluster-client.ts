import { strict as assert } from "node:assert";

import type { KubernetesApi } from "../../../sandbox/kubernetes-api.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { clusterName, until } from "./cluster-lab.ts";

export interface ApplicationStatus {
  health: { status: string; message?: string };
  sync: { status: string; revision?: string };
  summary: { images: string[] };
  conditions?: { type: string; message: string }[];
}

/** Asks a cluster's API server as the driver does. */
export class ClusterClient {
  readonly #api: Pick<KubernetesApi, "endpoint">;

  constructor(api: Pick<KubernetesApi, "endpoint">) {
    this.#api = api;
  }

  async get(path: string, init: RequestInit = {}): Promise<{ code: number; body: Properties }> {
    const answer = await fetch(`${this.#api.endpoint(clusterName)}${path}`, init);
    const text = await answer.text();
    return { code: answer.status, body: (text.startsWith("{") ? JSON.parse(text) : { text }) as Properties };
  }

  async application(name = "api"): Promise<ApplicationStatus> {
    const { body } = await this.get(`/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${name}`);
    return body["status"] as ApplicationStatus;
  }

  async rollout(name = "api"): Promise<Properties> {
    const { body } = await this.get(`/apis/argoproj.io/v1alpha1/namespaces/services/rollouts/${name}`);
    return body["status"] as Properties;
  }

  proxy(path: string, name = "api", port: number | string = 8000, init: RequestInit = {}) {
    return this.get(`/api/v1/namespaces/services/services/${name}:${port}/proxy${path}`, init);
  }

  /** Waits until the Application runs the image; anything that ends badly ends the wait. */
  healthy(image: string, name = "api"): Promise<ApplicationStatus> {
    return until(`${name} is healthy`, async () => {
      const status = await this.application(name);
      assert.notEqual(status.health.status, "Degraded", status.health.message);
      return status.health.status === "Healthy" && status.summary.images.includes(image) && status;
    });
  }

  degraded(name = "api"): Promise<ApplicationStatus> {
    return until(`${name} is degraded`, async () => {
      const status = await this.application(name);
      return status.health.status === "Degraded" && status;
    });
  }
}

import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { namespace } from "./cluster-lab.ts";

export interface WorkloadOptions {
  name?: string;
  image: string;
  replicas?: number;
  strategy?: Properties;
  env?: Readonly<Record<string, string>>;
  probePaths?: string;
  progressDeadlineSeconds?: number;
}

/** A Rollout, or without a strategy a Deployment, whose pods answer `/ready`. */
export function workload(options: WorkloadOptions): Properties {
  const { name = "api", image, replicas = 3, strategy, env = {}, probePaths, progressDeadlineSeconds } = options;
  const labels = { "app.kubernetes.io/name": name };
  const annotations = probePaths === undefined ? {} : { "slipway.dev/probe-paths": probePaths };
  return {
    apiVersion: strategy === undefined ? "apps/v1" : "argoproj.io/v1alpha1",
    kind: strategy === undefined ? "Deployment" : "Rollout",
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      ...(strategy === undefined ? {} : { strategy }),
      ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
      template: {
        metadata: { labels, annotations },
        spec: {
          containers: [
            {
              name,
              image,
              ports: [{ name: "http", containerPort: 8000 }],
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
              readinessProbe: { httpGet: { path: "/ready", port: "http" } },
            },
          ],
        },
      },
    },
  };
}

export function service(name = "api", port = 8000): Properties {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { "app.kubernetes.io/name": name }, ports: [{ name: "http", port, targetPort: "http" }] },
  };
}

/** Fails with more than two bad measurements. */
export function analysisTemplate(condition = "result[0] <= 0.01"): Properties {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "AnalysisTemplate",
    metadata: { name: "error-rate", namespace },
    spec: {
      metrics: [
        {
          name: "error-rate",
          interval: "1m",
          failureLimit: 2,
          successCondition: condition,
          provider: { prometheus: { address: "http://prometheus:9090", query: "vector(0)" } },
        },
      ],
    },
  };
}

/** 25 % (one pod of four), watched for half an hour, then half, then all. */
export const watchedCanary: Properties = {
  canary: {
    maxSurge: 1,
    analysis: { templates: [{ templateName: "error-rate" }] },
    steps: [{ setWeight: 10 }, { pause: { duration: "30m" } }, { setWeight: 50 }, { pause: { duration: "10m" } }],
  },
};

/** A small server of Node: answers `/ready`, says its name on every other path, and fails on `/broken`, and hangs for good after `/stuck`. */
export function nodeImage(name: string, extra = ""): Record<string, string> {
  return {
    Dockerfile: 'FROM node:24\nCMD ["node", "server.mjs"]\n',
    "server.mjs": `import { createServer } from "node:http";
${extra}
createServer((request, response) => {
  response.statusCode = request.url === "/broken" ? 500 : 200;
  response.end(JSON.stringify({ name: ${JSON.stringify(name)}, url: request.url, pid: process.pid, env: process.env }));
  if (request.url === "/stuck") response.on("close", () => { for (;;) ; });
}).listen(8080, "0.0.0.0");
`,
  };
}

/** The same in Python, on uvicorn alone. */
export function pythonImage(name: string): Record<string, string> {
  return {
    Dockerfile:
      'FROM python:3.13\nCMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000", "--no-access-log"]\n',
    "app/__init__.py": "",
    "app/main.py": `import json
import os


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body = json.dumps({"name": ${JSON.stringify(name)}, "pid": os.getpid(), "upstream": os.environ.get("UPSTREAM_URL")}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
`,
  };
}

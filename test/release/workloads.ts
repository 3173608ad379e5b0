import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { commitFiles, repositoryWith } from "../git/throw-away.ts";

const WORKLOADS = {
  "index.ts": "export default 1;\n",
  ".gitignore": "*.log\n__pycache__/\n",
  "services/web/Dockerfile": "FROM node:24-slim\nCOPY . .\n",
  "services/web/main.py": "print('web')\n",
  "services/web/tests/test_main.py": "assert True\n",
  "services/notes/README.md": "not a service: no Dockerfile\n",
  "data/functions/ingest/handler.py": "def handler(): ...\n",
  "data/layers/common/python/common.py": "x = 1\n",
  "data/jobs/clean.py": "print(1)\n",
  "data/src/lakehouse/__init__.py": "",
  "data/src/lakehouse/README.md": "what it is\n",
  "data/src/lakehouse/datasets/orders.json": "{}\n",
  "model/functions/score/handler.py": "def handler(): return 1\n",
  "model/image/Dockerfile": "FROM python:3.13-slim\n",
  "model/pipeline/housing.ts": "export const steps = [];\n",
  "model/src/train.py": "print('train')\n",
  "model/src/modelkit/__init__.py": "",
  "streams/processors/orders.json": "{}\n",
  "frontend/index.html": "<p>hello</p>\n",
};

/** Makes a repository with every kind of artifact, an executable and a symbolic link; answers its commit. */
export function workloadsIn(root: string): string {
  repositoryWith(root, WORKLOADS);
  chmodSync(join(root, "services/web/main.py"), 0o755);
  symlinkSync("main.py", join(root, "services/web/link.py"));
  return commitFiles(root, {});
}

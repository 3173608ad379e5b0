import { verbOf } from "./actions.ts";

/** `model run|list|compare|approve|reject …`: the model pipeline and the versions that it made. */
export const run = verbOf({
  run: async () => (await import("./model-run.ts")).run,
  list: async () => (await import("./model-versions.ts")).list,
  compare: async () => (await import("./model-versions.ts")).compareVersions,
  approve: async () => (await import("./model-decide.ts")).approve,
  reject: async () => (await import("./model-decide.ts")).reject,
});

import { verbOf } from "./actions.ts";

/** `streams <action> …`: stream processors, from their files to what runs in Atlas. */
export const run = verbOf({
  advise: async () => (await import("./streams-advise.ts")).advise,
  backup: async () => (await import("./streams-backup.ts")).backup,
  diff: async () => (await import("./streams-diff.ts")).diff,
  dlq: async () => (await import("./streams-dlq.ts")).dlq,
  import: async () => (await import("./streams-import.ts")).importFolder,
  lint: async () => (await import("./streams-lint.ts")).lint,
  restore: async () => (await import("./streams-restore.ts")).restore,
  test: async () => (await import("./streams-test.ts")).test,
});

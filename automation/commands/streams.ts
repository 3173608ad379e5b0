import { verbOf } from "./actions.ts";

/** `streams <action> …`: stream processors, from their files to what runs in Atlas. */
export const run = verbOf({
  advise: async () => (await import("./streams-advise.ts")).advise,
  backup: async () => (await import("./streams-backup.ts")).backup,
  baseline: async () => (await import("./streams-profile.ts")).baseline,
  "blue-green": async () => (await import("./streams-handover.ts")).blueGreen,
  canary: async () => (await import("./streams-handover.ts")).canary,
  compare: async () => (await import("./streams-compare.ts")).compare,
  connections: async () => (await import("./streams-connections.ts")).connections,
  diff: async () => (await import("./streams-diff.ts")).diff,
  dlq: async () => (await import("./streams-dlq.ts")).dlq,
  import: async () => (await import("./streams-import.ts")).importFolder,
  lint: async () => (await import("./streams-lint.ts")).lint,
  profile: async () => (await import("./streams-profile.ts")).profile,
  replay: async () => (await import("./streams-replay.ts")).replay,
  restore: async () => (await import("./streams-restore.ts")).restore,
  rollback: async () => (await import("./streams-handover.ts")).rollback,
  stats: async () => (await import("./streams-status.ts")).stats,
  status: async () => (await import("./streams-status.ts")).status,
  test: async () => (await import("./streams-test.ts")).test,
});

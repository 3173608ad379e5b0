import type { Block } from "./blocks.ts";

/**
 * Which test types the commands of which page, or of what stands below which heading of it, in the order in which it does. Every block of shell on
 * the pages is in one of them, or says on its fence what it needs that a test cannot have.
 */
export const walks = {
  // Needs neither engine nor cloud.
  "test/docs/walk.test.ts": [
    "CONTRIBUTING.md#checks",
    "docs/delivery-identity.md#the-table",
    "docs/services.md#run-them-here",
    "docs/services.md#how-much-they-bear",
    "docs/model.md#on-this-machine-without-a-cloud",
    "docs/model.md#versions",
    "docs/streams-simulator.md#the-simulator-of-stream-processors",
    "docs/streams.md#i-come-from-sp",
    "docs/streams.md#does-it-get-there",
    "docs/workflows.md#trying-a-workflow-out",
    "docs/operations.md#a-secret-is-too-old",
    "docs/recipes/move-from-path-pipelines.md",
  ],
  // One platform, from nothing to three environments, and everything that is done to it.
  "test/e2e/pages.test.ts": [
    "README.md#two-commands",
    "README.md#the-driver",
    "README.md#the-data-pipeline",
    "docs/streams.md#i-change-a-processor",
    "README.md#stream-processors",
    "docs/streams.md#how-a-version-takes-over-in-prod",
    "docs/streams.md#is-it-well",
    "docs/streams.md#the-dead-letter-queue-grows",
    "docs/streams.md#backup-and-restore",
    "docs/streams-observe.md",
    "docs/operations.md#where-do-things-stand",
    "docs/operations.md#go-back-by-hand",
    "docs/operations.md#promotion-is-refused-exit-23-24-25",
    "docs/operations.md#plans-and-a-plan-that-is-refused-exit-22",
    "docs/operations.md#drift",
    "docs/operations.md#before-going-live",
    "docs/board.md#the-board",
    "docs/board.md#the-metrics-page",
    "docs/policy.md",
    "docs/recipes/move-from-promotion-tags.md",
    "docs/recipes/move-from-gitops-guide.md",
    "docs/recipes/move-from-etl.md",
    "docs/recipes/move-from-sp.md",
    "docs/streams-simulator.md#in-the-sandbox",
    "README.md#what-the-sandbox-is",
  ],
  "test/e2e/recipes.test.ts": [
    "docs/recipes/add-a-service.md",
    "docs/recipes/add-a-processor.md",
    "docs/recipes/add-a-dataset.md",
    "docs/recipes/add-an-environment.md",
  ],
  "test/e2e/model.test.ts": [
    "README.md#the-model-pipeline",
    "docs/model.md#in-an-environment",
    "docs/operations.md#a-model-predicts-badly",
  ],
  "test/e2e/data.test.ts": ["docs/observability.md#the-signal-to-go-back"],
  "test/e2e/ephemeral.test.ts": ["docs/workflows.md#stacks-of-pull-requests"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type WalkingTest = keyof typeof walks;

/** Whether a block is part of what a walk names. */
export const isPartOf = ({ section }: Pick<Block, "section">, place: string): boolean =>
  section === place || section.startsWith(`${place}#`);

/** What a block may say that it needs: ```` ```sh needs=docker ````. */
export const needs: Readonly<Record<string, string>> = {
  aws: "accounts of AWS and their administrator; bootstrap itself is tested against a local S3 and KMS",
  docker: "a container engine",
  github: "a repository at GitHub that one may administer",
  mongodb: "a cluster of MongoDB with documents in it",
  time: "a quiet machine for many minutes",
};

/**
 * Commands that `npm test` itself consists of: the suite that does the same, or `.ci/run`, which types the word itself. No test within types them again.
 */
export const elsewhere: Readonly<Record<string, string>> = {
  "npm ci": ".ci/run",
  "npm test": ".ci/run",
  "npm ci && npm test": ".ci/run",
  "npm test -- --only unit": "unit",
  "npm test -- --only python --workload data": "python",
  "npm test -- --only python --workload services/api": "python",
  "npm run lint": "lint",
  "npm run format": "lint",
  "npm run typecheck": "typecheck",
  "npx mocha --timeout 120000 test/iam/roles.test.ts": "unit",
  "npx mocha test/workflows/*.test.ts": "unit",
};

/** The commands of a block as they are typed: one for each line, without comments. */
export function linesOf({ text }: Pick<Block, "text">): string[] {
  return text
    .replaceAll(/\\\n\s*/gu, " ")
    .split("\n")
    .map((line) => line.replace(/(?:^|\s)#.*$/u, "").trim())
    .filter(Boolean);
}

import type { OptionSpec, VerbSpec } from "./index.ts";

/** Looking at what would change, and telling it where people review. */
export const previewVerbs = (target: OptionSpec, wait: OptionSpec): VerbSpec[] => [
  {
    name: "preview",
    arguments: "[stack...]",
    summary: "show what `up` would change, and change nothing",
    options: [
      ["--expect-no-changes", "end with code 7 when there is any change"],
      ["--save-plan <file>", "save the plan with what it was made from, for `up --plan`"],
      ["--affected", "only stacks that the change reaches (all of them where no stack is named)"],
      ["--base <ref>", "with --affected: compare with this commit, tag or branch"],
      ["--comment", "leave the result for `comment`, which tells the results of all jobs in one place"],
      ["--drift", "also look for what was changed outside the program"],
      ["--out <folder>", "with --comment: leave the result in this folder instead of the store"],
      target,
      wait,
    ],
    load: () => import("./preview.ts"),
  },
  {
    name: "comment",
    summary:
      "tell the previews of a run: comment of the pull request, check, summary of the step, files; code 28 when GitHub fails",
    options: [
      ["--expect <stack...>", "these stacks have to have a result, besides those that are affected"],
      [
        "--out <folder>",
        "where `preview --comment --out` left results; files are written there (default: .slipway/preview)",
      ],
      ["--pull-request <number>", "the pull request, where the event does not name it"],
      ["--no-check", "make no check run"],
      ["--gate", "end with the code of the first preview that failed or was refused"],
    ],
    load: () => import("./comment.ts"),
  },
];

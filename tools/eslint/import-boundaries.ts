import path from "node:path";
import { ESLintUtils, type TSESTree } from "@typescript-eslint/utils";
import { boundaryViolation } from "./boundaries.ts";

const posix = (file: string) => file.split(path.sep).join("/");

/** Keeps the folders of DESIGN apart: components, config, automation and sandbox import each other one way only. */
export const importBoundaries = ESLintUtils.RuleCreator.withoutDocs<[], "boundary">({
  meta: {
    type: "problem",
    messages: { boundary: "{{from}} must not import {{to}}: {{reason}}." },
    schema: [],
  },
  defaultOptions: [],
  create(context) {
    const from = posix(path.relative(context.cwd, context.filename));
    const check = (source: TSESTree.Node | null) => {
      if (source?.type !== "Literal" || typeof source.value !== "string" || !source.value.startsWith(".")) return;
      const to = posix(path.relative(context.cwd, path.resolve(path.dirname(context.filename), source.value)));
      const reason = boundaryViolation(from, to);
      if (reason !== undefined) context.report({ node: source, messageId: "boundary", data: { from, to, reason } });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    };
  },
});

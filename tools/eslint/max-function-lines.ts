import { ESLintUtils, type TSESTree } from "@typescript-eslint/utils";

interface Limits {
  /** Most lines of a function, blank lines and comments included. */
  max: number;
  /** Most lines of a constructor. Defaults to `max`. */
  constructors?: number;
  /** Names of calls whose callbacks only group what they hold, such as `describe`. */
  groups?: string[];
}

type FunctionNode = TSESTree.ArrowFunctionExpression | TSESTree.FunctionExpression | TSESTree.FunctionDeclaration;

/** Length of functions, with a limit of their own for constructors: a component's constructor lists its children. */
export const maxFunctionLines = ESLintUtils.RuleCreator.withoutDocs<[Limits], "long">({
  meta: {
    type: "suggestion",
    messages: { long: "{{lines}} lines, at most {{limit}}: split off a pure function or a child component." },
    schema: [
      {
        type: "object",
        properties: {
          max: { type: "integer", minimum: 1 },
          constructors: { type: "integer", minimum: 1 },
          groups: { type: "array", items: { type: "string" } },
        },
        required: ["max"],
        additionalProperties: false,
      },
    ],
  },
  defaultOptions: [{ max: 40 }],
  create(context, [{ max, constructors = max, groups = [] }]) {
    const check = (node: FunctionNode) => {
      if (isGroup(node, groups)) return;
      const isConstructor = node.parent.type === "MethodDefinition" && node.parent.kind === "constructor";
      const limit = isConstructor ? constructors : max;
      const lines = node.loc.end.line - node.loc.start.line + 1;
      if (lines > limit) context.report({ node, messageId: "long", data: { lines, limit } });
    };
    return { ArrowFunctionExpression: check, FunctionExpression: check, FunctionDeclaration: check };
  },
});

function isGroup(node: FunctionNode, groups: readonly string[]): boolean {
  if (node.parent.type !== "CallExpression" || node.parent.callee === node) return false;
  const { callee } = node.parent;
  return callee.type === "Identifier" && groups.includes(callee.name);
}

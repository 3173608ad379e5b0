import { ESLintUtils, type TSESTree } from "@typescript-eslint/utils";
import { isResource } from "./pulumi-types.ts";

type FunctionNode = TSESTree.ArrowFunctionExpression | TSESTree.FunctionExpression;

/** A resource made inside `apply` is missing from every preview in which the value is not yet known. */
export const noResourceInApply = ESLintUtils.RuleCreator.withoutDocs<[], "resource">({
  meta: {
    type: "problem",
    messages: {
      resource: "No resource is made inside apply: previews would not show it. Decide with a plain value instead.",
    },
    schema: [],
  },
  defaultOptions: [],
  create(context) {
    const services = ESLintUtils.getParserServices(context);
    return {
      NewExpression(node) {
        if (isInsideApply(node) && isResource(services.getTypeAtLocation(node)))
          context.report({ node, messageId: "resource" });
      },
    };
  },
});

function isInsideApply(node: TSESTree.Node): boolean {
  for (let current: TSESTree.Node | null | undefined = node; current; current = current.parent)
    if (isFunction(current) && isApplyCall(current.parent, current)) return true;
  return false;
}

function isFunction(node: TSESTree.Node): node is FunctionNode {
  return node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression";
}

function isApplyCall(parent: TSESTree.Node, callback: FunctionNode): boolean {
  if (parent.type !== "CallExpression" || !parent.arguments.includes(callback)) return false;
  const { callee } = parent;
  return (
    callee.type === "MemberExpression" && callee.property.type === "Identifier" && callee.property.name === "apply"
  );
}

import { ESLintUtils, type TSESTree } from "@typescript-eslint/utils";
import ts from "typescript";
import { mayBeOutput } from "./pulumi-types.ts";

/** An Output put into a string by hand reads "Calling [toString] on an [Output<T>] is not supported" in the cloud. */
export const noOutputInString = ESLintUtils.RuleCreator.withoutDocs<[], "output">({
  meta: {
    type: "problem",
    messages: {
      output: "This value is, or may be, an Output: use pulumi.interpolate`…` instead of building a string.",
    },
    schema: [],
  },
  defaultOptions: [],
  create(context) {
    const services = ESLintUtils.getParserServices(context);
    const isString = (node: TSESTree.Node) => (services.getTypeAtLocation(node).flags & ts.TypeFlags.StringLike) !== 0;
    const check = (node: TSESTree.Node) => {
      if (mayBeOutput(services.getTypeAtLocation(node))) context.report({ node, messageId: "output" });
    };
    return {
      TemplateLiteral(node) {
        if (node.parent.type !== "TaggedTemplateExpression") node.expressions.forEach(check);
      },
      BinaryExpression({ operator, left, right }) {
        if (operator !== "+") return;
        if (isString(left)) check(right);
        if (isString(right)) check(left);
      },
    };
  },
});

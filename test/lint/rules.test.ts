import path from "node:path";
import { RuleTester, type Rule } from "eslint";
import tseslint from "typescript-eslint";
import { importBoundaries } from "../../tools/eslint/import-boundaries.ts";
import { maxFunctionLines } from "../../tools/eslint/max-function-lines.ts";
import { noOutputInString } from "../../tools/eslint/no-output-in-string.ts";
import { noResourceInApply } from "../../tools/eslint/no-resource-in-apply.ts";

const fixture = path.resolve(import.meta.dirname, "fixture");
const parser = tseslint.parser;
const parserOptions = { projectService: true, tsconfigRootDir: fixture };
const syntax = new RuleTester({ languageOptions: { parser } });
const typed = new RuleTester({ languageOptions: { parser, parserOptions } });

/** typescript-eslint and ESLint describe the same rule object with different types. */
const asRule = (rule: unknown) => rule as Rule.RuleModule;
const inFile = (code: string) => ({
  name: code,
  code: `${pulumi}${code}`,
  filename: path.join(fixture, "file.ts"),
});

/** Just enough of Pulumi's type names to check types without loading a provider SDK. */
const pulumi = `
interface OutputInstance<T> { apply<U>(callback: (value: T) => U): Output<U> }
type Output<T> = OutputInstance<T> & { lifted: true };
type Input<T> = T | Promise<T> | Output<T>;
class Resource { urn!: Output<string>; constructor(name: string) {} }
class Bucket extends Resource { arn!: Output<string> }
declare const bucket: Bucket;
declare const input: Input<string>;
declare function interpolate(parts: TemplateStringsArray, ...values: unknown[]): Output<string>;
`;

syntax.run("import-boundaries", asRule(importBoundaries), {
  valid: [
    { code: `import * as aws from "@pulumi/aws";`, filename: path.resolve("components/shared/tags.ts") },
    { code: `import { load } from "./config/load.ts";`, filename: path.resolve("index.ts") },
  ],
  invalid: [
    `import { load } from "../../config/load.ts";`,
    `import type { Settings } from "../../config/load.ts";`,
    `export { load } from "../../config/load.ts";`,
    `export * from "../../config/load.ts";`,
    `await import("../../config/load.ts");`,
    `type Settings = import("../../config/load.ts").Settings;`,
  ].map((code) => ({ code, filename: path.resolve("components/shared/x.ts"), errors: [{ messageId: "boundary" }] })),
});

const lines = (count: number) => "\n".repeat(count - 1);

syntax.run("max-function-lines", asRule(maxFunctionLines), {
  valid: [
    { code: `function f() {${lines(4)}}`, options: [{ max: 4 }] },
    { code: `class A { constructor() {${lines(6)}} }`, options: [{ max: 4, constructors: 6 }] },
    { code: `describe("x", () => {${lines(9)}});`, options: [{ max: 4, groups: ["describe"] }] },
  ],
  invalid: [
    { code: `function f() {${lines(5)}}`, options: [{ max: 4 }], errors: [{ messageId: "long" }] },
    { code: `const f = () => {${lines(5)}};`, options: [{ max: 4 }], errors: [{ messageId: "long" }] },
    {
      code: `class A { constructor() {${lines(7)}} method() {${lines(5)}} }`,
      options: [{ max: 4, constructors: 6 }],
      errors: [{ messageId: "long", data: { lines: 7, limit: 6 } }, { messageId: "long" }],
    },
    {
      code: `it("x", () => {${lines(5)}});`,
      options: [{ max: 4, groups: ["describe"] }],
      errors: [{ messageId: "long" }],
    },
  ],
});

typed.run("no-output-in-string", asRule(noOutputInString), {
  valid: [
    `interpolate\`\${bucket.arn}/*\`;`,
    `bucket.arn.apply((arn) => \`\${arn}/*\`);`,
    `const total = 1 + 2; const text = "a" + total;`,
  ].map(inFile),
  invalid: [
    { ...inFile(`const text = \`\${bucket.arn}/*\`;`), errors: [{ messageId: "output" }] },
    { ...inFile(`const text = \`\${input}/*\`;`), errors: [{ messageId: "output" }] },
    { ...inFile(`const text = bucket.arn + "/*";`), errors: [{ messageId: "output" }] },
    { ...inFile(`const text = "arn:" + input;`), errors: [{ messageId: "output" }] },
  ],
});

typed.run("no-resource-in-apply", asRule(noResourceInApply), {
  valid: [
    `const made = new Bucket("a");`,
    `bucket.arn.apply((arn) => new Error(arn));`,
    `[1].map((n) => new Bucket(String(n)));`,
  ].map(inFile),
  invalid: [
    { ...inFile(`bucket.arn.apply((arn) => new Bucket(arn));`), errors: [{ messageId: "resource" }] },
    {
      ...inFile(`bucket.arn.apply(function (arn) { [1].forEach(() => { new Bucket(arn); }); });`),
      errors: [{ messageId: "resource" }],
    },
  ],
});

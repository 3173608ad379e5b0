import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { slipway } from "./tools/eslint/plugin.ts";

const entryPoints = [
  "automation/main.ts",
  "sandbox/provider.ts",
  "tools/test.ts",
  "tools/testing/mocha-child.ts",
  "bench/main.ts",
];

const stackSelection = {
  message: "It rewrites the workspace's selected stack under everybody else: name the stack with --stack instead.",
};

export default defineConfig(
  globalIgnores(["**/node_modules/", ".sandbox/", ".slipway/", ".venv/", "coverage/", "services/web/dist/"]),
  {
    files: ["**/*.{ts,tsx}"],
    extends: [js.configs.recommended, ...tseslint.configs.recommendedTypeChecked],
    plugins: { slipway },
    languageOptions: {
      // Named projects, not the service of editors: linting everything computes a twelfth less and takes a gigabyte less.
      parserOptions: { project: ["tsconfig.json", "services/web/tsconfig.json"], tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-lines": ["error", { max: 250 }],
      "slipway/max-function-lines": ["error", { max: 40 }],
      "slipway/import-boundaries": "error",
      "slipway/no-output-in-string": "error",
      "slipway/no-resource-in-apply": "error",
      "no-restricted-properties": [
        "error",
        { object: "process", property: "exit", message: "Throw a SlipwayError: only entry points end the process." },
        { property: "selectStack", ...stackSelection },
        { property: "createOrSelectStack", ...stackSelection },
      ],
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // An interface may promise a Promise where one implementation has nothing to wait for.
      "@typescript-eslint/require-await": "off",
      // Interfaces here are records of functions; what needs its `this` is a class and is called through its object.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/only-throw-error": ["error", { allowThrowingUnknown: true }],
      "@typescript-eslint/prefer-promise-reject-errors": ["error", { allowThrowingUnknown: true }],
    },
  },
  {
    files: ["components/**/*.ts"],
    rules: { "slipway/max-function-lines": ["error", { max: 40, constructors: 60 }] },
  },
  {
    files: ["model/pipeline/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^[^.]", message: "The pipeline's definition is plain data: it needs no package." }] },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "slipway/max-function-lines": ["error", { max: 40, groups: ["describe"] }],
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "mocha", name: ["it", "describe"] }] },
      ],
    },
  },
  {
    // ESTree node types are compared with their names everywhere in ESLint.
    files: ["tools/eslint/**/*.ts"],
    rules: { "@typescript-eslint/no-unsafe-enum-comparison": "off" },
  },
  {
    files: entryPoints,
    rules: {
      "no-restricted-properties": [
        "error",
        { property: "selectStack", ...stackSelection },
        { property: "createOrSelectStack", ...stackSelection },
      ],
    },
  },
);

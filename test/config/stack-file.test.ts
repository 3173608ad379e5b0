import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseStackFile } from "../../config/stack-file.ts";
import { SlipwayError } from "../../automation/errors.ts";

const root = join(import.meta.dirname, "..", "..");

describe("a stack file", () => {
  for (const stack of ["operations", "dev", "staging", "prod"])
    it(`of ${stack} is right`, () => {
      const file = `Pulumi.${stack}.yaml`;
      assert.equal(parseStackFile(readFileSync(join(root, file), "utf8"), file).environment, stack);
    });

  const refusals: [name: string, text: string, message: RegExp][] = [
    ["that is no YAML", "config:\n  slipway:account: {", /Pulumi\.x\.yaml has 1 problem/],
    ["without configuration", "", /slipway:environment/],
    ["with an unknown key", "config:\n  slipway:environment: operations\n  slipway:acount: {}\n", /slipway:acount/],
  ];
  for (const [name, text, message] of refusals)
    it(`${name} is refused as bad usage`, () => {
      assert.throws(
        () => parseStackFile(text, "Pulumi.x.yaml"),
        (error) => error instanceof SlipwayError && error.code === 2 && message.test(error.message),
      );
    });
});

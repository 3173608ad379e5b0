import assert from "node:assert/strict";

import { allTypeSpecs, typeSpec } from "../../../sandbox/types/index.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { unknown } from "../../../sandbox/unknown.ts";
import { contextWith } from "./context.ts";

const defaultTags = { owner: "ml", env: "dev" };
const derived = (type: string, inputs: Properties, tags: Record<string, string> | undefined = defaultTags) =>
  typeSpec(type)?.derived?.(inputs, contextWith([], { defaultTags: tags }));

describe("type tables: tags", () => {
  const repository = "aws:ecr/repository:Repository";

  for (const [name, inputs, expected] of [
    ["the provider's alone", {}, { owner: "ml", env: "dev" }],
    ["a resource's own over the provider's", { tags: { env: "prod" } }, { owner: "ml", env: "prod" }],
    ["nothing certain while one tag is unknown", { tags: { commit: unknown } }, unknown],
    ["nothing certain while all tags are unknown", { tags: unknown }, unknown],
  ] as const) {
    it(`merges ${name}`, () => assert.deepEqual(derived(repository, inputs), { tagsAll: expected }));
  }

  it("has an empty tagsAll where nobody sets a tag", () => {
    assert.deepEqual(typeSpec(repository)?.derived?.({}, contextWith()), { tagsAll: {} });
  });

  it("derives tagsAll for exactly the types that take tags", () => {
    const tooMany = { tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, ""])) };
    const aws = allTypeSpecs().filter(({ type }) => type.startsWith("aws:"));
    const limited = ({ validate }: (typeof aws)[number]) =>
      (validate?.(tooMany, contextWith()) ?? []).some(({ property }) => property === "tags");
    assert.deepEqual(
      aws.filter(({ derived }) => derived !== undefined).map(({ type }) => type),
      aws.filter(limited).map(({ type }) => type),
    );
    for (const [type, takes] of [
      ["aws:kms/key:Key", true],
      ["aws:kms/alias:Alias", false],
      ["aws:ec2/securityGroup:SecurityGroup", true],
      ["aws:ec2/securityGroupRule:SecurityGroupRule", false],
      ["aws:ec2/routeTableAssociation:RouteTableAssociation", false],
      ["aws:eks/podIdentityAssociation:PodIdentityAssociation", true],
    ] as const)
      assert.equal(typeSpec(type)?.derived !== undefined, takes, type);
  });
});

import assert from "node:assert/strict";

import fc from "fast-check";

import { layOutSubnets, type LayoutRequest } from "../../../sandbox/remote/subnet-layout.ts";
import { contains, formatCidr, overlaps, parseCidr } from "../../../sandbox/types/cidr.ts";

const zones = (count: number) => Array.from({ length: count }, (_, index) => `eu-west-1${"abcdef".charAt(index)}`);
const blocks = (request: Partial<LayoutRequest>) =>
  layOutSubnets({ vpcName: "net", cidrBlock: "10.0.0.0/16", zones: zones(2), ...request }).map(
    ({ name, cidrBlock }) => `${name} ${cidrBlock}`,
  );

describe("subnet layout", () => {
  const layouts: [title: string, request: Partial<LayoutRequest>, expected: string[]][] = [
    [
      "two zones: private half, public quarter of each zone's share",
      {},
      [
        "net-private-1 10.0.0.0/18",
        "net-public-1 10.0.64.0/19",
        "net-private-2 10.0.128.0/18",
        "net-public-2 10.0.192.0/19",
      ],
    ],
    [
      "three zones share in four parts",
      { zones: zones(3) },
      [
        ...["net-private-1 10.0.0.0/19", "net-public-1 10.0.32.0/20", "net-private-2 10.0.64.0/19"],
        ...["net-public-2 10.0.96.0/20", "net-private-3 10.0.128.0/19", "net-public-3 10.0.160.0/20"],
      ],
    ],
    [
      "specs without sizes share their zone evenly, in their order",
      { specs: [{ type: "Public" }, { type: "Private", name: "app" }] },
      ["net-public-1 10.0.0.0/18", "net-app-1 10.0.64.0/18", "net-public-2 10.0.128.0/18", "net-app-2 10.0.192.0/18"],
    ],
    [
      "a wider subnet after a narrow one starts at its own boundary",
      {
        zones: zones(1),
        specs: [
          { type: "Public", size: 256 },
          { type: "Private", cidrMask: 18 },
        ],
      },
      ["net-public-1 10.0.0.0/24", "net-private-1 10.0.64.0/18"],
    ],
    [
      "given blocks are taken as they are",
      { specs: [{ type: "Private", cidrBlocks: ["10.0.8.0/24", "10.0.9.0/24"] }] },
      ["net-private-1 10.0.8.0/24", "net-private-2 10.0.9.0/24"],
    ],
  ];
  for (const [title, request, expected] of layouts) it(title, () => assert.deepEqual(blocks(request), expected));

  const refused: [request: Partial<LayoutRequest>, expected: RegExp][] = [
    [{ cidrBlock: "10.0.0.0" }, /not an IPv4 block/],
    [{ cidrBlock: "10.0.0.0/26" }, /need a \/26 or more per zone/],
    [{ specs: [{ type: "Public", cidrMask: 16 }] }, /share \/17 of the VPC/],
    [{ specs: [{ type: "Public", size: 100 }] }, /not a power of two/],
    [{ specs: [{ type: "Public", size: 256, cidrMask: 25 }] }, /contradict/],
    [{ specs: [{ type: "Public", cidrBlocks: ["10.0.0.0/24"] }] }, /one block for each of the 2 zones/],
    [{ specs: [{ type: "Public", cidrBlocks: ["10.0.0.0/24", "10.0.0.0/25"] }] }, /overlap/],
    [{ specs: [{ type: "Public", cidrBlocks: ["10.0.0.0/24", "10.9.0.0/24"] }] }, /outside the VPC/],
    [{ exact: true }, /gap/],
    [{ specs: [] }, /empty/],
    [{ zones: [] }, /at least one availability zone/],
  ];
  for (const [request, expected] of refused) {
    it(`refuses ${JSON.stringify(request)}`, () => assert.throws(() => blocks(request), expected));
  }

  it("keeps subnets disjoint, aligned and inside their VPC, whatever is asked for", () => {
    const request = fc.record({
      base: fc.integer({ min: 0, max: 255 }),
      prefix: fc.integer({ min: 16, max: 22 }),
      count: fc.integer({ min: 1, max: 6 }),
      kinds: fc.array(fc.constantFrom("Public" as const, "Private" as const, "Isolated" as const), {
        minLength: 1,
        maxLength: 4,
      }),
      own: fc.boolean(),
    });
    fc.assert(
      fc.property(request, ({ base, prefix, count, kinds, own }) => {
        const cidrBlock = formatCidr(parseCidr(`10.${base}.0.0/${prefix}`) ?? assert.fail());
        const specs = own ? kinds.map((type, index) => ({ type, name: `s${index}` })) : undefined;
        const planned = layOutSubnets({ vpcName: "net", cidrBlock, zones: zones(count), specs });
        const parsed = planned.map((subnet) => parseCidr(subnet.cidrBlock) ?? assert.fail(subnet.cidrBlock));
        assert.equal(planned.length, count * (own ? kinds.length : 2));
        assert.equal(new Set(planned.map(({ name }) => name)).size, planned.length);
        const vpc = parseCidr(cidrBlock) ?? assert.fail();
        for (const [index, subnet] of parsed.entries()) {
          assert.ok(contains(vpc, subnet));
          assert.equal(formatCidr(subnet), planned[index]?.cidrBlock);
          for (const other of parsed.slice(index + 1)) assert.ok(!overlaps(subnet, other));
        }
      }),
    );
  });
});

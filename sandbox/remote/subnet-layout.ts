import { contains, formatCidr, overlaps, parseCidr, size, type Cidr } from "../types/cidr.ts";

export type SubnetType = "Public" | "Private" | "Isolated" | "Unused";

/** What a program asks for in every availability zone. */
export interface SubnetSpec {
  type: SubnetType;
  /** Part of the subnets' names; the type in lower case when left out. */
  name?: string;
  cidrMask?: number;
  /** Number of addresses, an alternative to `cidrMask`. */
  size?: number;
  /** One block per zone; then all specs must have them. */
  cidrBlocks?: readonly string[];
  tags?: unknown;
}

/** One subnet, `Unused` ones included: they only hold their place. */
export interface PlannedSubnet {
  /** Logical name, `<vpc>-<spec>-<number of the zone>`. */
  name: string;
  type: SubnetType;
  zone: string;
  zoneNumber: number;
  cidrBlock: string;
  spec: SubnetSpec;
}

export interface LayoutRequest {
  vpcName: string;
  cidrBlock: string;
  zones: readonly string[];
  /** A private and a public subnet half its size when left out. */
  specs?: readonly SubnetSpec[] | undefined;
  /** Prefix length of a zone's share; an even split to the next power of two when left out. */
  zoneMask?: number | undefined;
  /** Refuses a layout that leaves gaps. */
  exact?: boolean | undefined;
}

/**
 * Divides a VPC's block: an equal aligned share per zone, within it the specs in their order, each aligned to its size.
 * @throws Error when the block is malformed or too small, or subnets overlap or leave the VPC.
 */
export function layOutSubnets(request: LayoutRequest): PlannedSubnet[] {
  const vpc = parseCidr(request.cidrBlock);
  if (vpc === undefined) throw new Error(`cidrBlock "${request.cidrBlock}" is not an IPv4 block`);
  if (request.zones.length === 0) throw new Error("a VPC needs at least one availability zone");
  const zoneMask = request.zoneMask ?? vpc.prefix + bits(request.zones.length);
  const specs = (request.specs ?? defaultSpecs(zoneMask)).map(normalized);
  if (specs.length === 0) throw new Error("subnetSpecs is empty");
  const blocks = specs.some((spec) => spec.cidrBlocks !== undefined)
    ? explicitBlocks(specs, request.zones.length)
    : allocatedBlocks(vpc, zoneMask, specs, request.zones.length);
  const planned = request.zones.flatMap((zone, index) =>
    specs.map((spec, position) => plan(request.vpcName, zone, index, spec, blocks[index]?.[position] ?? "")),
  );
  assertSound(vpc, planned);
  if (request.exact === true) assertWithoutGaps(vpc, planned);
  return planned;
}

function plan(vpcName: string, zone: string, index: number, spec: SubnetSpec, cidrBlock: string): PlannedSubnet {
  const name = `${vpcName}-${spec.name ?? spec.type.toLowerCase()}-${index + 1}`;
  return { name, type: spec.type, zone, zoneNumber: index + 1, cidrBlock, spec };
}

/** Bits that number `count` things. */
function bits(count: number): number {
  return count <= 1 ? 0 : Math.ceil(Math.log2(count));
}

function defaultSpecs(zoneMask: number): SubnetSpec[] {
  if (zoneMask > 26)
    throw new Error(`each zone has only a /${zoneMask}; the default subnets need a /26 or more per zone`);
  // At most the first /16 of a zone is used, the rest stays free.
  const mask = Math.max(zoneMask, 16);
  return [
    { type: "Private", cidrMask: mask + 1 },
    { type: "Public", cidrMask: mask + 2 },
  ];
}

function normalized(spec: SubnetSpec, index: number): SubnetSpec {
  if (spec.size === undefined) return spec;
  const mask = 32 - Math.log2(spec.size);
  if (!Number.isInteger(mask) || mask < 0)
    throw new Error(`subnetSpecs[${index}].size ${spec.size} is not a power of two`);
  if (spec.cidrMask !== undefined && spec.cidrMask !== mask) {
    throw new Error(`subnetSpecs[${index}]: size ${spec.size} and cidrMask ${spec.cidrMask} contradict each other`);
  }
  return { ...spec, cidrMask: mask };
}

function explicitBlocks(specs: readonly SubnetSpec[], zones: number): string[][] {
  for (const [index, spec] of specs.entries()) {
    if (spec.cidrBlocks?.length === zones) continue;
    throw new Error(
      `subnetSpecs[${index}].cidrBlocks needs one block for each of the ${zones} zones, as soon as any spec has blocks`,
    );
  }
  return Array.from({ length: zones }, (_, zone) => specs.map((spec) => spec.cidrBlocks?.[zone] ?? ""));
}

function allocatedBlocks(vpc: Cidr, zoneMask: number, specs: readonly SubnetSpec[], zones: number): string[][] {
  const fallback = zoneMask + bits(specs.length);
  const wanted = specs.reduce((sum, spec) => sum + size(spec.cidrMask ?? fallback), 0);
  if (wanted > size(zoneMask)) {
    throw new Error(
      `the subnets of a zone need ${wanted} addresses, its share /${zoneMask} of the VPC has ${size(zoneMask)}`,
    );
  }
  return Array.from({ length: zones }, (_, zone) => {
    let next = vpc.base + zone * size(zoneMask);
    return specs.map((spec) => {
      const prefix = spec.cidrMask ?? fallback;
      const base = Math.ceil(next / size(prefix)) * size(prefix);
      next = base + size(prefix);
      return formatCidr({ base, prefix });
    });
  });
}

function assertSound(vpc: Cidr, planned: readonly PlannedSubnet[]): void {
  const blocks = planned.map(blockOf);
  for (const [index, block] of blocks.entries()) {
    const { name, cidrBlock } = planned[index] as PlannedSubnet;
    if (!contains(vpc, block))
      throw new Error(`subnet ${name} (${cidrBlock}) lies outside the VPC (${formatCidr(vpc)})`);
    const other = blocks.findIndex((candidate, at) => at < index && overlaps(candidate, block));
    if (other >= 0) throw new Error(`subnets ${planned[other]?.name ?? ""} and ${name} (${cidrBlock}) overlap`);
  }
}

function assertWithoutGaps(vpc: Cidr, planned: readonly PlannedSubnet[]): void {
  let end = vpc.base;
  for (const subnet of planned) {
    const block = blockOf(subnet);
    if (block.base !== end) throw new Error(`there is a gap before subnet ${subnet.name} (${subnet.cidrBlock})`);
    end = block.base + size(block.prefix);
  }
  if (end !== vpc.base + size(vpc.prefix))
    throw new Error("there is a gap between the last subnet and the end of the VPC");
}

function blockOf(subnet: PlannedSubnet): Cidr {
  const block = parseCidr(subnet.cidrBlock);
  if (block === undefined) throw new Error(`subnet ${subnet.name}: "${subnet.cidrBlock}" is not an IPv4 block`);
  return block;
}

import { hourlyPrices, hoursPerMonth, shippedPrices } from "../../../streams/engine/catalogue/prices.ts";

type Inputs = Readonly<Record<string, unknown>>;

/** What the figures are: AWS is not asked for its prices, so a difference can be trusted more than a sum. */
export const costBasis = "approximate list prices of us-east-1 in USD, kept by hand, without traffic, storage and use";

/** Per hour and instance. */
const instances: Readonly<Record<string, number>> = {
  ...{ "t3.small": 0.0208, "t3.medium": 0.0416, "t3.large": 0.0832, "t3.xlarge": 0.1664, "t3.2xlarge": 0.3328 },
  ...{ "m5.large": 0.096, "m5.xlarge": 0.192, "m5.2xlarge": 0.384, "m5.4xlarge": 0.768 },
  ...{ "m6i.large": 0.096, "m6i.xlarge": 0.192, "m6i.2xlarge": 0.384, "c5.large": 0.085, "c5.xlarge": 0.17 },
  ...{
    "ml.t2.medium": 0.056,
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.c5.large": 0.102,
  },
};

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const record = (value: unknown): Inputs => (typeof value === "object" && value !== null ? (value as Inputs) : {});
const amount = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);

const perHour = (price: number) => () => price * hoursPerMonth;
const perMonth = (price: number) => () => price;

function instanceCost(type: unknown, count: number): number | undefined {
  const price = instances[String(type)];
  return price === undefined ? undefined : price * hoursPerMonth * count;
}

/** Price a month by type. Only what is paid for by the hour or month, whether or not anybody uses it. */
const prices: Readonly<Record<string, (inputs: Inputs) => number | undefined>> = {
  "aws:ec2/natGateway:NatGateway": perHour(0.045),
  "aws:ec2/eip:Eip": perHour(0.005),
  "aws:eks/cluster:Cluster": perHour(0.1),
  "aws:lb/loadBalancer:LoadBalancer": perHour(0.0225),
  "aws:kms/key:Key": perMonth(1),
  "aws:secretsmanager/secret:Secret": perMonth(0.4),
  "aws:cloudwatch/metricAlarm:MetricAlarm": perMonth(0.1),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": perMonth(0.5),
  "aws:cloudwatch/dashboard:Dashboard": perMonth(3),
  "aws:ec2/vpcEndpoint:VpcEndpoint": ({ vpcEndpointType, subnetIds }) =>
    vpcEndpointType === "Interface" ? 0.01 * hoursPerMonth * Math.max(1, list(subnetIds).length) : 0,
  "aws:eks/nodeGroup:NodeGroup": ({ instanceTypes, scalingConfig }) =>
    instanceCost(list(instanceTypes)[0] ?? "t3.medium", amount(record(scalingConfig)["desiredSize"], 1)),
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": ({ productionVariants }) =>
    list(productionVariants).reduce<number | undefined>((sum, variant) => {
      const { instanceType, initialInstanceCount } = record(variant);
      const cost = instanceCost(instanceType, amount(initialInstanceCount, 1));
      return sum === undefined || cost === undefined ? undefined : sum + cost;
    }, 0),
  "mongodbatlas:index/streamProcessor:StreamProcessor": ({ tier, state }) => {
    const hourly = hourlyPrices(shippedPrices, "us-east-1") as Readonly<Record<string, number>> | undefined;
    const price = hourly?.[String(tier)];
    return state === "STOPPED" || state === "CREATED" ? 0 : price === undefined ? undefined : price * hoursPerMonth;
  },
};

/** What a resource costs a month while nobody uses it; undefined where no price is known for it. */
export function monthlyCost(type: string, inputs: Inputs): number | undefined {
  return Object.hasOwn(prices, type) ? prices[type]?.(inputs) : undefined;
}

/** Sums what stood before and what stands after. */
export class CostTally {
  #before = 0;
  #after = 0;
  #priced = 0;
  #unpriced = 0;

  add(type: string, before: Inputs | undefined, after: Inputs | undefined): void {
    const [was, is] = [before, after].map((inputs) => (inputs === undefined ? 0 : monthlyCost(type, inputs)));
    if (was === undefined || is === undefined) this.#unpriced += 1;
    else this.#priced += 1;
    // A resource that has no price on one side has none on the other: half of a comparison would be a lie.
    if (was === undefined || is === undefined) return;
    this.#before += was;
    this.#after += is;
  }

  total(): { perMonth: number; delta: number; priced: number; unpriced: number } {
    const delta = cents(this.#after - this.#before);
    return { perMonth: cents(this.#after), delta, priced: this.#priced, unpriced: this.#unpriced };
  }
}

// -0.00 is no price.
const cents = (value: number) => Math.round(value * 100) / 100 + 0;

import { z } from "zod";
import { type Tier, tiers } from "../files/documents.ts";
import shipped from "./prices.json" with { type: "json" };

const price = z.number().positive();
const range = z.tuple([z.number().nonnegative(), z.number().nonnegative()]);

/** Prices with where they are from and when; a file of the same form may take the place of those that are shipped. */
export const pricesSchema = z.strictObject({
  $schema: z.string().optional(),
  source: z.string().min(1),
  asOf: z.iso.date(),
  currency: z.string().length(3),
  /** By cloud, region and tier, per hour that a processor runs. */
  hourly: z.record(
    z.string(),
    z.record(
      z.string(),
      z.strictObject(Object.fromEntries(tiers.map((tier) => [tier, price])) as Record<Tier, typeof price>),
    ),
  ),
  /** Least and most per gigabyte that leaves. */
  egressPerGb: z.strictObject({ sameRegion: range, otherRegion: range, internet: range }),
});
export type Prices = z.infer<typeof pricesSchema>;

export const shippedPrices: Prices = pricesSchema.parse(shipped);

/** Hours of a month, on average. */
export const hoursPerMonth = 730;

/** Regions by the names that the Admin API gives them, where those differ. */
const apiNames: Readonly<Record<string, string>> = {
  VIRGINIA_USA: "us-east-1",
  OHIO_USA: "us-east-2",
  OREGON_USA: "us-west-2",
  MONTREAL_CAN: "ca-central-1",
  SAOPAULO_BRA: "sa-east-1",
  DUBLIN_IRL: "eu-west-1",
  LONDON_GBR: "eu-west-2",
  FRANKFURT_DEU: "eu-central-1",
  TOKYO_JPN: "ap-northeast-1",
  SINGAPORE_SGP: "ap-southeast-1",
  SYDNEY_AUS: "ap-southeast-2",
  MUMBAI_IND: "ap-south-1",
};

/** Every region that prices are known for. */
export const pricedRegions = (prices: Prices) =>
  Object.values(prices.hourly).flatMap((regions) => Object.keys(regions));

/** What an hour of each tier costs in a region, named as its cloud or as the Admin API does; undefined where that is not known. */
export function hourlyPrices(prices: Prices, region: string): Readonly<Record<Tier, number>> | undefined {
  const name = apiNames[region] ?? region;
  return Object.values(prices.hourly).find((regions) => Object.hasOwn(regions, name))?.[name];
}

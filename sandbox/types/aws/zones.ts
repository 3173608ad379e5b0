/** Zone letters that every account sees in a region; most have three. */
const letters: Readonly<Record<string, string>> = {
  "us-east-1": "abcdef",
  "us-west-1": "ac",
  "us-west-2": "abcd",
  "ap-northeast-1": "acd",
  "ap-northeast-2": "abcd",
  "ca-central-1": "abd",
  "sa-east-1": "abc",
};

/** Names of the availability zones of a region, in order. */
export function zoneNames(region: string): string[] {
  return [...(letters[region] ?? "abc")].map((letter) => `${region}${letter}`);
}

import assert from "node:assert/strict";
import { lintOne, merge, short, watch } from "./lab.ts";

// Put together here, so that nobody who looks for secrets finds one in this file.
const value = ["hunter2", "hunter2", "hunter2"].join("-");
const forms: Readonly<Record<string, string>> = {
  "credentials in an address": `mongodb+srv://user:${value}@host.example`,
  "an access key of AWS": `AKIA${"A1B2C3D4E5F6G7H8"}`,
  "a private key": `-----BEGIN ${"RSA PRIVATE"} KEY-----`,
  "a bearer token": `Bearer ${value}`,
  "a token of GitHub": `ghp_${"a1".repeat(18)}`,
  "a key of a payment service": `sk_${"live"}_${"a1".repeat(10)}`,
  "a hook of Slack": `https://hooks.slack.com/services/${"T0000/B0000"}/${"a1".repeat(12)}`,
  "a web token": `eyJ${"a".repeat(10)}.eyJ${"b".repeat(10)}.${"c".repeat(10)}`,
  "a key in a query": `https://api.example/v1?api_key=${value}`,
};

const https = (more: object) => [watch, { $https: { connectionName: "web", as: "r", ...more } }, merge];
const secrets = (lab: Parameters<typeof lintOne>[0]) =>
  lintOne(lab).filter(({ rule }) => rule === "secrets/plain-text");

describe("lint: secrets", () => {
  for (const [what, secret] of Object.entries(forms))
    it(`finds ${what} by its form, and does not repeat it`, () => {
      const found = secrets({ pipeline: https({ path: secret }) });
      assert.deepEqual(short(found), [["secrets/plain-text", 3, "pipeline[1].$https.path"]]);
      assert.ok(!JSON.stringify(found).includes(secret));
    });

  for (const key of ["Authorization", "X-Api-Key", "apiKey", "password", "X-Auth-Token", "clientSecret"])
    it(`finds what stands under ${key}`, () => {
      const found = lintOne({ pipeline: https({ headers: { [key]: value } }) });
      assert.deepEqual(short(found), [
        ["secrets/plain-text", 3, `pipeline[1].$https.headers${/^\w+$/.test(key) ? `.${key}` : `["${key}"]`}`],
      ]);
      assert.ok(!JSON.stringify(found).includes(value));
    });

  const connection = (more: object) => ({
    pipeline: [watch, merge],
    files: { "connections/more.json": JSON.stringify({ name: "h", type: "Https", url: "https://a.example", ...more }) },
  });

  it("finds them in connections, once", () => {
    const found = secrets(connection({ headers: { Authorization: value } }));
    assert.deepEqual(short(found), [["secrets/plain-text", 1, "headers.Authorization"]]);
    assert.ok(!JSON.stringify(found).includes(value));
  });

  it("lets pass what is filled in later, what is a field, and what only sounds like it", () => {
    assert.deepEqual(
      secrets(connection({ headers: { Authorization: "Bearer ${TOKEN}" }, url: "https://a.example?key=${KEY}" })),
      [],
    );
    assert.deepEqual(secrets({ pipeline: https({ headers: { Authorization: "$token" } }) }), []);
    assert.deepEqual(secrets({ pipeline: [watch, { $match: { password: "set" } }, merge] }), []);
    assert.deepEqual(secrets(connection({ authentication: { tokenEndpointUrl: "https://a.example/token" } })), []);
  });
});

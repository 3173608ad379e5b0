import assert from "node:assert/strict";

import { localAddress } from "../../../sandbox/live/address.ts";
import { serveLines } from "../../../sandbox/live/serve.ts";

describe("what the sandbox says while it serves", () => {
  const lines = serveLines({
    endpoint: "http://127.0.0.1:1",
    awsApi: "http://127.0.0.1:2",
    problems: ["one thing"],
    credentialsFor: () => ({ accessKeyId: "", secretAccessKey: "sandbox" }),
    urlOf: (url) => localAddress(url, "http://127.0.0.1:1"),
  });

  it("names every address, and what is missing", () => {
    const text = lines.join("\n");
    for (const name of ["SAGEMAKER", "SAGEMAKER_RUNTIME", "CODEDEPLOY"])
      assert.ok(text.includes(`AWS_ENDPOINT_URL_${name}=http://127.0.0.1:2`));
    assert.match(text, /AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:1 .*AWS_SECRET_ACCESS_KEY=sandbox/);
    assert.ok(text.includes("http://127.0.0.1:1/_aws/execute-api/<id>/<path>"));
    assert.equal(lines.at(-1), "not brought in: one thing");
  });
});

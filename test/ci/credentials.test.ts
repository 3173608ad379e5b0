import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromIni } from "@aws-sdk/credential-providers";
import { assumeRole, checkRole } from "../../automation/ci/assume-role.ts";
import { claimsOf, identityToken, tokenSource } from "../../automation/ci/identity-token.ts";
import { writeJobFiles } from "../../automation/ci/job-files.ts";
import { root } from "../workflows/workflows.ts";

const exec = promisify(execFile);
const role = "arn:aws:iam::222222222222:role/slipway-deploy";
const request = { role, region: "us-east-1" };
const claims = {
  sub: "repo:slipway/slipway:environment:dev",
  aud: "sts.amazonaws.com",
  environment: "dev",
  actor: "ada",
};
const token = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature-of-github`;
const never = new AbortController().signal;

const session = (key: string) =>
  `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
  <Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>secret-of-session</SecretAccessKey>
  <SessionToken>token-of-session</SessionToken><Expiration>2040-01-01T00:00:00Z</Expiration></Credentials>
  </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
const denial = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
  <Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>`;

/** The runner's token service and STS in one, with what they were asked. */
interface Services {
  environment: Record<string, string>;
  asked: { url: string; authorization: string | undefined; body: string }[];
  /** Answers of the token service before it works: their status. */
  failures: number[];
  denies: boolean;
  close(): Promise<void>;
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

async function startServices(): Promise<Services> {
  const server = createServer((incoming, answer) => {
    void bodyOf(incoming).then((body) => {
      const url = incoming.url ?? "";
      services.asked.push({ url, authorization: incoming.headers.authorization, body });
      if (url.startsWith("/token")) {
        const failure = services.failures.shift();
        answer.writeHead(failure ?? 200).end(failure === undefined ? JSON.stringify({ value: token }) : "");
      } else
        answer
          .writeHead(services.denies ? 403 : 200, { "content-type": "text/xml" })
          .end(services.denies ? denial : session("ASIASESSION"));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services: Services = {
    environment: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${address}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer-of-job",
      AWS_ENDPOINT_URL_STS: address,
      GITHUB_RUN_ID: "77",
      GITHUB_RUN_ATTEMPT: "2",
    },
    asked: [],
    failures: [],
    denies: false,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return services;
}

describe("credentials of a job", () => {
  let services: Services;
  const folder = mkdtempSync(join(tmpdir(), "slipway-job-"));
  beforeEach(async () => (services = await startServices()));
  afterEach(() => services.close());
  after(() => rmSync(folder, { recursive: true }));

  it("come from the job's own token, for this audience, role and run", async () => {
    const { Version, AccessKeyId, SessionToken, Expiration } = await assumeRole(request, services.environment, never);
    assert.deepEqual(
      [Version, AccessKeyId, SessionToken, Expiration],
      [1, "ASIASESSION", "token-of-session", "2040-01-01T00:00:00.000Z"],
    );
    const [first, second] = services.asked;
    assert.equal(first?.url, "/token?api-version=2.0&audience=sts.amazonaws.com");
    assert.equal(first.authorization, "bearer bearer-of-job");
    const form = new URLSearchParams(second?.body);
    assert.equal(form.get("RoleArn"), role);
    assert.equal(form.get("WebIdentityToken"), token);
    assert.equal(form.get("RoleSessionName"), "slipway-77-2");
    assert.equal(form.get("DurationSeconds"), "3600");
  });

  it("are asked for again where GitHub stumbles, and not where it refuses", async () => {
    services.failures = [503, 429];
    assert.equal(await identityToken(tokenSource(services.environment), never), token);
    assert.equal(services.asked.length, 3);
    services.failures = [403];
    await assert.rejects(identityToken(tokenSource(services.environment), never), /asked 1 times: it answered 403/u);
    services.failures = [500, 500, 500, 500];
    await assert.rejects(identityToken(tokenSource(services.environment), never), /asked 4 times: it answered 500/u);
  });

  it("are refused with what the token says of the job, and never with the token", async () => {
    services.denies = true;
    const error = await assumeRole(request, services.environment, never).then(
      () => assert.fail("it was let in"),
      (refusal: unknown) => refusal as { code: number; message: string; where: string; next: string },
    );
    assert.equal(error.code, 3);
    assert.match(error.message, /does not let this job take on arn:aws:iam::222222222222:role\/slipway-deploy/u);
    assert.match(
      error.where,
      /sub = repo:slipway\/slipway:environment:dev, aud = sts\.amazonaws\.com, environment = dev$/u,
    );
    assert.doesNotMatch(JSON.stringify(error), /signature-of-github/u);
  });

  it("need a job that may ask, a role and a region", () => {
    assert.throws(() => tokenSource({}), /may not ask GitHub for a token/u);
    assert.throws(() => checkRole({ role: "", region: "us-east-1" }), /--role: got "", expected the ARN of a role/u);
    assert.throws(() => checkRole({ role, region: "here" }), /--region: got "here"/u);
    assert.deepEqual(claimsOf("nonsense"), {});
  });

  it("are found by SDKs, which ask for them again by themselves", async () => {
    const variables = await writeJobFiles({ root, folder, server: "https://github.com" }, request);
    const config = String(variables["AWS_CONFIG_FILE"]);
    assert.equal(statSync(config).mode & 0o077, 0, "for this user alone");
    assert.doesNotMatch(readFileSync(config, "utf8"), /ASIA|secret|bearer/u);
    for (const [name, value] of Object.entries(services.environment)) process.env[name] = value;
    try {
      const credentials = await fromIni({
        profile: "slipway",
        configFilepath: config,
        filepath: join(folder, "none"),
      })();
      assert.equal(credentials.accessKeyId, "ASIASESSION");
      assert.equal(credentials.sessionToken, "token-of-session");
      assert.equal(credentials.expiration?.getFullYear(), 2040);
    } finally {
      for (const name of Object.keys(services.environment)) delete process.env[name];
    }
  }).timeout(20_000);

  it("are a verb's: it writes what later steps find, and says which role it is", async () => {
    const file = join(folder, "env");
    writeFileSync(file, "");
    const env = { PATH: process.env["PATH"], ...services.environment, GITHUB_ENV: file, RUNNER_TEMP: folder };
    const args = ["automation/main.ts", "ci", "credentials", "--role", role, "--region", "us-east-1"];
    const { stdout } = await exec(process.execPath, args, { cwd: root, env });
    assert.equal(stdout, `${role} in us-east-1: this job may take it on\n`);
    assert.match(readFileSync(file, "utf8"), /^AWS_CONFIG_FILE=.*\nAWS_PROFILE=slipway\nAWS_REGION=us-east-1\n/u);
    const { GITHUB_ENV: _, ...outside } = env;
    await assert.rejects(exec(process.execPath, args, { cwd: root, env: outside }), /This is no job of a workflow/u);
  }).timeout(20_000);

  it("of git come from the step that runs, for this server alone", async () => {
    const variables = await writeJobFiles({ root, folder, server: "https://github.com" }, request);
    const fill = async (host: string, given: string | undefined) => {
      const env = {
        ...{ PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: String(variables["GIT_CONFIG_GLOBAL"]) },
        ...{ GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0", HOME: folder },
        ...(given === undefined ? {} : { SLIPWAY_GIT_TOKEN: given }),
      };
      const child = exec("git", ["credential", "fill"], { cwd: folder, env });
      child.child.stdin?.end(`protocol=https\nhost=${host}\n\n`);
      return (await child).stdout;
    };
    assert.match(await fill("github.com", "token-of-app"), /username=x-access-token\npassword=token-of-app\n/u);
    await assert.rejects(fill("github.com", undefined), /could not read Username/u);
    await assert.rejects(fill("elsewhere.example", "token-of-app"), /could not read Username/u);
    assert.doesNotMatch(readFileSync(String(variables["GIT_CONFIG_GLOBAL"]), "utf8"), /token-of-app/u);
  });
});

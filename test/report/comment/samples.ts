import fc from "fast-check";
import type { Change, Ground, PreviewModel, StackPreview } from "../../../automation/report/comment/model.ts";
import { statefulNoun } from "../../../automation/report/comment/stateful.ts";
import { byUrgency, verdictOfStack, worstVerdict } from "../../../automation/report/comment/verdict.ts";

export const head = "0123456789abcdef0123456789abcdef01234567";

export const change = (more: Partial<Change> = {}): Change => {
  const type = more.type ?? "aws:sns/topic:Topic";
  const name = more.name ?? "news";
  const stateful = statefulNoun(type);
  return {
    ...{ urn: `urn:pulumi:dev::slipway::${type}::${name}`, type, name, op: "update", component: "", protect: false },
    ...{ properties: [], unchanged: [] },
    ...(stateful === undefined ? {} : { stateful }),
    ...more,
  };
};

export function stack(name: string, changes: readonly Change[] = [], more: Partial<StackPreview> = {}): StackPreview {
  const counts: Record<string, number> = { same: 3 };
  for (const { op } of changes) counts[op] = (counts[op] ?? 0) + 1;
  return {
    ...{ stack: name, outcome: "previewed", exitCode: 0, counts, changes: [...changes], findings: [], warnings: [] },
    ...{ seconds: 1.5, ...more },
  };
}

export function model(stacks: readonly StackPreview[], ground: Partial<Ground> = {}): PreviewModel {
  const run = { id: 12, attempt: 1, head, url: "https://github.example/o/r/actions/runs/12" };
  const verdict = worstVerdict(stacks.map(verdictOfStack));
  return { schema: 1, run, verdict, stacks: byUrgency(stacks), ground: { notes: [], ...ground } };
}

/** Texts that try to get out of where they are shown. */
export const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "@octocat",
    "ping @org/team now",
    "fixes #1",
    "octo/repo#12 GH-7",
    "https://evil.example/?q=1",
    "www.evil.example",
    "[x](https://evil.example)",
    "![x](https://evil.example/a.png)",
    "<img src=x onerror=alert(1)>",
    "</details><script>alert(1)</script>",
    "--><b>out</b>",
    "```\n</code></pre>@octocat",
    "~~~\n@octocat",
    "`".repeat(90) + " @octocat " + "`".repeat(90),
    "`` ` @octocat #1",
    "a|b|@octocat|\\|c\\",
    "\n\n# heading\n\n- @octocat",
    "> [!CAUTION]\n> nothing to see",
    "\u202egnp.exe\u2066",
    "\u0000\u0007\u001b[31mred\u001b[0m",
    "a@b.example mailto:a@b.example",
    "\\",
    "&lt;b&gt; &#64;octocat",
    "|",
    " ",
    "\u{e0041}\u{e0042}",
    "\ud800",
  ),
  fc
    .tuple(fc.constantFrom("`", "```", "\n", "|", "<", "@", "#1 "), fc.string({ maxLength: 20 }))
    .map(([a, b]) => a + b + a),
);

const opOf = fc.constantFrom("create", "update", "replace", "delete", "import");
const typeOf = fc.constantFrom(
  "aws:rds/instance:Instance",
  "aws:s3/bucketV2:BucketV2",
  "aws:sqs/queue:Queue",
  "aws:iam/role:Role",
  "kubernetes:apps/v1:Deployment",
);
const property = fc.record({
  path: hostile,
  kind: fc.constantFrom("add" as const, "delete" as const, "update" as const),
  replaces: fc.boolean(),
  before: hostile,
  after: hostile,
});
const changes = fc.record({
  type: fc.oneof(typeOf, hostile),
  name: hostile,
  op: opOf,
  component: hostile,
  protect: fc.boolean(),
  properties: fc.array(property, { maxLength: 3 }),
  unchanged: fc.array(hostile, { maxLength: 2 }),
});
const finding = fc.record({
  policy: hostile,
  level: fc.constantFrom("mandatory" as const, "advisory" as const),
  resource: hostile,
  message: hostile,
});
const failure = fc.record({
  ...{ message: hostile, resource: hostile, source: hostile, changed: hostile, next: hostile },
  pending: fc.array(hostile, { maxLength: 3 }),
});
const promotion = fc.record({
  ...{ release: hostile, verifiedIn: fc.array(hostile, { maxLength: 2 }), upstream: hostile, frozen: hostile },
  ...{ next: hostile, approvals: fc.constant({ given: 1, asked: 2 }) },
});

/** A stack in which every text is somebody else's. */
const stackOf = (name: string) =>
  fc
    .record({
      changes: fc.array(changes.map(change), { maxLength: 6 }),
      ...{ findings: fc.array(finding, { maxLength: 3 }), warnings: fc.array(hostile, { maxLength: 2 }) },
      ...{ failure: fc.option(failure, { nil: undefined }), promotion: fc.option(promotion, { nil: undefined }) },
    })
    .map(({ changes: all, failure: failed, promotion: promoted, findings, warnings }) =>
      stack(name, all, {
        ...{ findings, warnings },
        ...(failed === undefined ? {} : { failure: failed, outcome: "failed" as const }),
        ...(promoted === undefined ? {} : { promotion: promoted }),
      }),
    );

const ground: fc.Arbitrary<Ground> = fc.record({
  notes: fc.array(hostile, { maxLength: 2 }),
  affected: fc.record({
    ...{ why: hostile, everything: fc.boolean() },
    stacks: fc.array(
      fc.record({
        ...{ stack: fc.constantFrom("dev", "prod"), more: fc.nat(3) },
        reasons: fc.array(fc.array(hostile, { maxLength: 3 }), { maxLength: 4 }),
      }),
      { maxLength: 2 },
    ),
    skipped: fc.array(fc.record({ stack: fc.constant("staging"), reason: hostile }), { maxLength: 1 }),
    files: fc.array(fc.record({ path: hostile, stacks: fc.constant(["dev", "prod"]) }), { maxLength: 2 }),
  }),
  catalog: fc.array(
    fc.record({
      ...{ dataset: hostile, status: fc.constantFrom("added" as const, "changed" as const) },
      lines: fc.array(fc.record({ text: hostile, breaking: fc.boolean() }), { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
  streams: fc.record({
    processors: fc.array(
      fc.record({
        ...{ processor: hostile, status: hostile, was: hostile, refused: fc.boolean() },
        class: fc.constantFrom("in-place" as const, "new-version" as const),
        reasons: fc.array(hostile, { maxLength: 2 }),
        tier: fc.constant({ before: "SP2", after: "SP10" }),
        cost: fc.constant({ before: 10, after: 20 }),
      }),
      { maxLength: 2 },
    ),
    ...{ currency: fc.constant("USD"), perMonth: fc.constant(20), delta: fc.constant(10) },
    problems: fc.array(hostile, { maxLength: 1 }),
  }),
});

/** Models in which everything that can come from outside is hostile. */
export const hostileModel: fc.Arbitrary<PreviewModel> = fc
  .tuple(stackOf("dev"), stackOf("prod"), ground)
  .map(([dev, prod, around]) => model([dev, prod], around));

/** Runs of up to so many resources, of which any part may be destroyed, in any number of stacks. */
export const largeModel = (most: number): fc.Arbitrary<PreviewModel> =>
  fc
    .record({
      resources: fc.integer({ min: 0, max: most }),
      stacks: fc.integer({ min: 1, max: 300 }),
      destroyed: fc.double({ min: 0, max: 1, noNaN: true }),
      types: fc.integer({ min: 1, max: 2000 }),
      name: hostile,
      value: fc.string({ maxLength: 120 }),
      failed: fc.boolean(),
    })
    .map(({ resources, stacks, destroyed, types, name, value, failed }) => {
      const per = Math.ceil(resources / stacks);
      return model(
        Array.from({ length: stacks }, (_, at) =>
          stack(
            `stack-${at}`,
            Array.from({ length: Math.max(0, Math.min(per, resources - at * per)) }, (__, index) =>
              change({
                name: `${name}${index}`,
                op:
                  index < per * destroyed
                    ? index % 2 === 0
                      ? "replace"
                      : "delete"
                    : index % 3 === 0
                      ? "create"
                      : "update",
                type: index % 7 === 0 ? "aws:rds/instance:Instance" : `pkg:m/t${index % types}:T${index % types}`,
                properties: [{ path: "value", kind: "update", replaces: true, before: value, after: `${value}!` }],
              }),
            ),
            failed ? { outcome: "failed", failure: { message: value, changed: "nothing", pending: [] } } : {},
          ),
        ),
      );
    });

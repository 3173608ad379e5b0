import { z } from "zod";
import { definitionDigestSchema, rollouts, wantedStates } from "./streams-outputs.ts";

/** An image that nobody can change. */
export const digestReference = z
  .string()
  .regex(/^[^@\s]+@sha256:[0-9a-f]{64}$/, "an image by digest: <repository>@sha256:<64 hex>");

/** A column of a table, with its type in the words of the Glue catalog. */
const column = z.strictObject({ name: z.string(), type: z.string() });

/** What `verify` must see once a stack is up. Components declare them; the driver knows only the kinds. */
export const checkSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("http"),
    name: z.string(),
    /** Where everybody can ask. Without it `service` says where the cluster can. */
    url: z.string().optional(),
    /** A service inside a cluster, asked through the API server's proxy: it needs no way in from outside. */
    service: z
      .strictObject({
        cluster: z.string(),
        namespace: z.string(),
        name: z.string(),
        port: z.number().int(),
        /** Path and query, beginning with a slash. */
        path: z.string().startsWith("/"),
      })
      .optional(),
    status: z.number().int().optional(),
    contains: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("argo-application"),
    name: z.string(),
    cluster: z.string(),
    namespace: z.string(),
    images: z.array(digestReference),
    /** How long its rollout may take where that is longer than the driver's own patience: the steps of a canary add up. */
    timeoutSeconds: z.number().int().positive().optional(),
  }),
  z.strictObject({
    kind: z.literal("alarm"),
    name: z.string(),
    region: z.string(),
    /** Names of metric or composite alarms. */
    alarms: z.array(z.string()).min(1),
  }),
  z.strictObject({
    kind: z.literal("state-machine"),
    name: z.string(),
    region: z.string(),
    arn: z.string(),
    /** Folder below the program's root with deliveries and, in `expected.json`, what they must become. */
    sample: z.string(),
    rawBucket: z.string(),
    processedBucket: z.string(),
    quarantineBucket: z.string(),
    /** How long its execution may take. */
    timeoutSeconds: z.number().int().positive(),
  }),
  z.strictObject({
    kind: z.literal("glue-table"),
    name: z.string(),
    region: z.string(),
    database: z.string(),
    table: z.string(),
    /** What the table's location begins with. */
    location: z.string().startsWith("s3://"),
    columns: z.array(column).min(1),
    partitionKeys: z.array(column),
    /** What the catalog says of tables that are not plain files. */
    format: z.literal("iceberg").optional(),
  }),
  z.strictObject({
    kind: z.literal("lambda"),
    name: z.string(),
    region: z.string(),
    function: z.string(),
    /** Alias or version that is asked. */
    qualifier: z.string().optional(),
    /** JSON that it is invoked with. */
    payload: z.string(),
    /** What the answer, as JSON text, must hold. */
    contains: z.string().optional(),
    /** `statusCode` of the answer of a function behind an API. */
    status: z.number().int().optional(),
  }),
  z.strictObject({
    kind: z.literal("sagemaker-endpoint"),
    name: z.string(),
    region: z.string(),
    endpoint: z.string(),
    /** JSON body that it is invoked with. */
    payload: z.string(),
    /** How many predictions, each a finite number, the answer must hold. */
    predictions: z.number().int().positive(),
    /** How long a change of it may take. */
    timeoutSeconds: z.number().int().positive(),
  }),
  z.strictObject({
    kind: z.literal("stream-processor"),
    name: z.string(),
    projectId: z.string(),
    workspace: z.string(),
    /** Its name in the files; a version that is handed over has its digest behind it. */
    processor: z.string(),
    rollout: z.enum(rollouts),
    digest: definitionDigestSchema,
    state: z.enum(wantedStates),
    /** Share of documents that may go to its dead letter queue. */
    dlqRate: z.number().min(0).max(1).optional(),
    /** How long it may take to get there. */
    timeoutSeconds: z.number().int().positive(),
  }),
]);
export type Check = z.infer<typeof checkSchema>;

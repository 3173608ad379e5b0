import { at, isOn, listAt, missing, UNKNOWN, unless, type Problem, type Rule, type Subject } from "../model.ts";

const CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const ENDPOINT = "aws:sagemaker/endpoint:Endpoint";
const MODEL = "aws:sagemaker/model:Model";

/** Serverless variants take neither keys nor isolation nor deployment guardrails: AWS runs them and shifts their traffic. */
const isServerless = ({ props }: Subject): boolean =>
  at(props, "productionVariants") === UNKNOWN ||
  listAt(props, "productionVariants").some((variant) => at(variant, "serverlessConfig") !== undefined);

/** Problems of resources of a type that have to do with an endpoint on instances. */
function onInstances(subjects: readonly Subject[], type: string, check: (subject: Subject) => readonly Problem[]) {
  const serverless = subjects.filter((subject) => subject.type === CONFIGURATION && isServerless(subject));
  const exempt = new Set(serverless.flatMap(({ urn, dependsOn }) => [urn, ...dependsOn]));
  return subjects
    .filter((subject) => subject.type === type && !exempt.has(subject.urn))
    .filter(({ dependsOn }) => type !== ENDPOINT || !serverless.some(({ urn }) => dependsOn.includes(urn)))
    .flatMap((subject) => check(subject).map((problem) => ({ ...problem, urn: subject.urn })));
}

const ALARMS = "deploymentConfig.autoRollbackConfiguration.alarms";

function withoutRollback({ props }: Subject): Problem[] {
  const alarms = at(props, ALARMS);
  if (alarms === UNKNOWN || (Array.isArray(alarms) && alarms.length > 0)) return [];
  return [{ property: ALARMS, message: "no alarm takes a deployment back" }];
}

function withoutKey(subject: Subject): Problem[] {
  const captures = at(subject.props, "dataCaptureConfig") !== undefined;
  return missing(subject, ["kmsKeyArn", ...(captures ? ["dataCaptureConfig.kmsKeyId"] : [])], "no key is named");
}

/** SageMaker. */
export const modelRules: readonly Rule[] = [
  {
    id: "sagemaker-endpoint-encrypted",
    level: "mandatory",
    title: "endpoints encrypt their disks and what they capture",
    why: "requests that are captured are data of customers, outside of the lake's protection",
    fix: "set kmsKeyArn, and dataCaptureConfig.kmsKeyId where requests are captured",
    checkStack: (subjects) => onInstances(subjects, CONFIGURATION, withoutKey),
  },
  {
    id: "sagemaker-endpoint-rollback",
    level: "mandatory",
    title: "endpoints go back by themselves when alarms go off",
    why: "a model that is worse than the one before serves everybody until somebody notices",
    fix: "set deploymentConfig with a blueGreenUpdatePolicy and autoRollbackConfiguration.alarms",
    checkStack: (subjects) => onInstances(subjects, ENDPOINT, withoutRollback),
  },
  {
    id: "sagemaker-model-isolated",
    level: "mandatory",
    title: "models run without a way to the network",
    why: "code inside of a model's archive could send data away, and the archive comes out of a training job",
    fix: "set enableNetworkIsolation: true",
    checkStack: (subjects) =>
      onInstances(subjects, MODEL, (subject) =>
        unless(subject, "enableNetworkIsolation", isOn, "it can reach the network"),
      ),
  },
  {
    id: "sagemaker-notebook-closed",
    level: "mandatory",
    title: "notebooks have no way to the internet and no root",
    why: "a notebook with both is a machine of the account that anybody who gets into it owns",
    fix: 'set directInternetAccess: "Disabled", rootAccess: "Disabled" and kmsKeyId',
    types: ["aws:sagemaker/notebookInstance:NotebookInstance"],
    check: (subject) => [
      ...["directInternetAccess", "rootAccess"].flatMap((path) =>
        unless(subject, path, (value) => value === "Disabled", "is open"),
      ),
      ...missing(subject, ["kmsKeyId"], "no key is named"),
    ],
  },
  {
    id: "sagemaker-endpoint-instances",
    level: "advisory",
    title: "endpoints in production stand on two instances",
    why: "instances of one endpoint are spread over zones only when there are two of them",
    fix: "set initialInstanceCount to 2 or more",
    types: ["aws:sagemaker/endpointConfiguration:EndpointConfiguration"],
    check: (subject) =>
      subject.stack !== "prod"
        ? []
        : listAt(subject.props, "productionVariants").flatMap((variant, index) => {
            const serverless = at(variant, "serverlessConfig") !== undefined;
            const path = `productionVariants.${index}.initialInstanceCount`;
            return serverless ? [] : unless(subject, path, (value) => Number(value) >= 2, "only one instance");
          }),
  },
];

/** Types that hold what their program cannot make again, and what a person calls them. */
const holders: readonly [pattern: RegExp, noun: string][] = [
  [/^aws:(?:rds|neptune|docdb)\/(?:instance|cluster|clusterInstance|globalCluster):/, "a database"],
  [/^aws:(?:dynamodb)\/(?:table|globalTable):/, "a database table"],
  [/^mongodbatlas:index\/(?:advancedCluster|cluster|serverlessInstance|flexCluster):/, "a database"],
  [/^mongodbatlas:index\/streamProcessor:/, "a stream processor with its checkpoint"],
  [/^mongodbatlas:index\/stream(?:Instance|Workspace):/, "a stream workspace"],
  [/^mongodbatlas:index\/project:/, "an Atlas project"],
  [/^aws:s3\/bucket(?:V2)?:/, "a bucket"],
  [/^aws:s3tables\//, "a table bucket"],
  [/^aws:(?:efs|fsx)\/\w*(?:[fF]ileSystem)\w*:/, "a file system"],
  [/^aws:ebs\/volume:/, "a volume"],
  [/^aws:ecr\/repository:/, "an image repository"],
  [/^aws:kms\/(?:key|replicaKey):/, "an encryption key"],
  [/^aws:secretsmanager\/secret:/, "a secret"],
  [/^aws:glue\/(?:catalogTable|catalogDatabase):/, "a catalog table or database"],
  [/^aws:sagemaker\/(?:modelPackageGroup|featureGroup):/, "a model registry"],
  [/^aws:(?:kinesis\/stream|msk\/(?:cluster|serverlessCluster)):/, "a stream"],
  [/^aws:sqs\/queue:/, "a queue"],
  [
    /^aws:(?:elasticache|memorydb|opensearch|elasticsearch|redshift)\/(?:cluster|replicationGroup|domain):/,
    "a data store",
  ],
  [/^aws:cloudwatch\/logGroup:/, "a log group"],
  [/^aws:cognito\/userPool:/, "a user pool"],
  [/^aws:(?:ec2\/vpc|eks\/cluster):/, "a network or cluster that others stand in"],
  [/^kubernetes:core\/v1:(?:PersistentVolumeClaim|PersistentVolume|Namespace)$/, "a volume or namespace"],
  [/^kubernetes:apps\/v1:StatefulSet$/, "a stateful set"],
];

/** What a resource of this type holds that is lost with it; undefined where nothing is. */
export function statefulNoun(type: string): string | undefined {
  return holders.find(([pattern]) => pattern.test(type))?.[1];
}

/** Every such word: nothing else is taken for one, wherever it comes from. */
export const statefulNouns: readonly string[] = [...new Set(holders.map(([, noun]) => noun))];

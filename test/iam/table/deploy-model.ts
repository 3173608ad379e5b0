import { type Place, type Row, arn, bucket, may, not } from "./row.ts";

/** Whoever deploys makes the model pipeline and approves models; what comes of a model in between is not its affair. */
export function modelRows(place: Place): Row[] {
  const { environment } = place;
  const own = `slipway-${environment}-`;
  const sagemaker = (what: string) => arn(place, "sagemaker", what);
  const fn = (name: string) => arn(place, "lambda", `function:${own}${name}`);
  const group = arn(place, "codedeploy", `deploymentgroup:${own}inference/${own}inference`);
  return [
    may("sagemaker:UpdatePipeline", sagemaker(`pipeline/${own}training-pipeline`)),
    not("sagemaker:UpdatePipeline", sagemaker("pipeline/somebody")),
    may("sagemaker:UpdateModelPackage", sagemaker(`model-package/${own}housing/3`)),
    not("sagemaker:CreateModelPackage", sagemaker(`model-package/${own}housing/3`)),
    may("sagemaker:CreateEndpoint", sagemaker(`endpoint/${own}housing`)),
    may("sagemaker:InvokeEndpoint", sagemaker(`endpoint/${own}housing`)),
    not("sagemaker:DeleteEndpoint", sagemaker("endpoint/somebody")),
    not("sagemaker:CreateTrainingJob", sagemaker(`training-job/${own}x`)),
    not("sagemaker:CreateNotebookInstance", sagemaker(`notebook-instance/${own}x`)),
    may("lambda:InvokeFunction", `${fn("models-api")}:live`),
    may("lambda:InvokeFunction", fn("training-handler")),
    not("lambda:InvokeFunction", fn("deploy-endpoint")),
    may("codedeploy:CreateDeployment", group),
    not("codedeploy:CreateDeployment", arn(place, "codedeploy", "deploymentgroup:somebody/x")),
    may("codedeploy:StopDeployment", "*"),
    // What a shift of traffic is followed by.
    may("codedeploy:ListDeployments", group),
    may("codedeploy:GetDeployment", group),
    may("codedeploy:ListDeploymentTargets", "*"),
    may("codedeploy:GetDeploymentTarget", "*"),
    may("lambda:GetAlias", fn("models-api")),
    may("lambda:UpdateAlias", fn("models-api")),
    // APIs of API Gateway's second generation are no resources that the simulator knows.
    may("servicequotas:RequestServiceQuotaIncrease", arn(place, "servicequotas", "sagemaker/L-3F53BF0F")),
    not("servicequotas:RequestServiceQuotaIncrease", arn(place, "servicequotas", "ec2/L-3F53BF0F")),
    may("s3:PutObject", bucket(place, "model", "code/model/1.zip")),
    not("s3:GetObject", bucket(place, "model", "runs/1/train-model/x/output/model.tar.gz")),
    // Staging and prod keep what is approved; only where all may go, its buckets are emptied.
    not("s3:PutObject", bucket(place, "model", `registry/${own}housing/approved.json`)),
  ];
}

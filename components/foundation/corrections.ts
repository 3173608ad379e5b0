import * as pulumi from "@pulumi/pulumi";

type Change = (props: pulumi.Inputs) => pulumi.Inputs;

/** Merges into a nested object that may be plain or, below a remote component, an Output. */
function patched(value: unknown, patch: object): unknown {
  if (!pulumi.Output.isInstance(value)) return { ...(value as object | undefined), ...patch };
  return value.apply((known: unknown) => ({ ...(known as object | undefined), ...patch }));
}

/** Whoever happened to create the cluster would stay its administrator for ever; access entries name who is. */
const noCreatorAdmin: Change = (props) => ({
  ...props,
  accessConfig: patched(props.accessConfig, { bootstrapClusterCreatorAdminPermissions: false }),
});

/** EKS opens the public endpoint unless told otherwise. */
const privateEndpoint: Change = (props) => ({
  ...props,
  vpcConfig: patched(props.vpcConfig, { endpointPublicAccess: false, endpointPrivateAccess: true }),
});

/** Load balancers and NAT gateways bring their own addresses; an instance never gets a public one by accident. */
const noPublicIpOnLaunch: Change = (props) => ({ ...props, mapPublicIpOnLaunch: false });

/** Instance metadata only with a session token, and out of reach for pods (one hop). */
const sessionMetadata: Change = (props) => ({
  ...props,
  metadataOptions: patched(props.metadataOptions, { httpTokens: "required", httpPutResponseHopLimit: 1 }),
});

export interface Correction {
  /** New inputs of the child. */
  change?: Change;
  /** Options of the child that differ. */
  opts?: Pick<pulumi.CustomResourceOptions, "protect" | "retainOnDelete">;
}

export type Corrections = Readonly<Record<string, Correction>>;

/** What differs on children of `awsx.ec2.Vpc`. */
export function networkCorrections(protect: boolean): Corrections {
  return {
    "aws:ec2/vpc:Vpc": { opts: { protect } },
    "aws:ec2/subnet:Subnet": { change: noPublicIpOnLaunch },
  };
}

/** What differs on children of `eks.Cluster`. */
export function clusterCorrections(protect: boolean, publicEndpoint: boolean): Corrections {
  const change: Change = publicEndpoint ? noCreatorAdmin : (props) => privateEndpoint(noCreatorAdmin(props));
  return {
    "aws:eks/cluster:Cluster": { change, opts: { protect } },
    "aws:ec2/launchTemplate:LaunchTemplate": { change: sessionMetadata },
  };
}

/**
 * Engine-side transform that applies corrections by type. Only such a transform reaches the children of a remote
 * component; unknown types pass unchanged.
 */
export function correct(corrections: Corrections): pulumi.ResourceTransform {
  return ({ type, props, opts }) => {
    const correction = corrections[type];
    if (correction === undefined) return undefined;
    return { props: correction.change?.(props) ?? props, opts: { ...opts, ...correction.opts } };
  };
}

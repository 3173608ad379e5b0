import { type ServiceSettings, deliverySeconds } from "./settings.ts";

/** The application healthy and running exactly this image. */
export interface ApplicationCheck {
  kind: "argo-application";
  name: string;
  cluster: string;
  namespace: string;
  images: string[];
  /** How long its delivery may take where that is longer than usual. */
  timeoutSeconds?: number;
}

/** A path of a service that answers, asked through the cluster's API server. */
export interface ServiceCheck {
  kind: "http";
  name: string;
  service: { cluster: string; namespace: string; name: string; port: number; path: string };
  status: number;
}

export interface Places {
  cluster: string;
  /** Of Argo CD. */
  argo: string;
  /** Of the services. */
  services: string;
}

/** What the driver must see of the services: each delivered, then each answering. */
export function serviceChecks(
  services: Readonly<Record<string, ServiceSettings>>,
  places: Places,
): (ApplicationCheck | ServiceCheck)[] {
  const { cluster } = places;
  const all = Object.entries(services);
  const delivered = all.map(([name, { image, delivery }]): ApplicationCheck => {
    const timeoutSeconds = deliverySeconds(delivery);
    const patience = timeoutSeconds === undefined ? {} : { timeoutSeconds };
    return { kind: "argo-application", name, cluster, namespace: places.argo, images: [image], ...patience };
  });
  const answering = all.flatMap(([name, { port, verify }]) =>
    verify.map((path): ServiceCheck => ({
      kind: "http",
      name: `${name}${path}`,
      service: { cluster, namespace: places.services, name, port, path },
      status: 200,
    })),
  );
  return [...delivered, ...answering];
}

import { storedOf, type LiveHook } from "../../live/hook.ts";
import { requireRemovable } from "../../operations/change.ts";
import { parseUrn, type Session } from "../../operations/session.ts";
import { hasUnknown } from "../../unknown.ts";
import { ControlPlane } from "./control-plane.ts";
import { kubernetesState, kubernetesVariable, type ApiServerFiles } from "./files.ts";
import { manifestOf } from "./manifest.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Say = (line: string) => void;

/** What the provider of Kubernetes does beside the record; undefined where objects are kept on record only. */
export function kubernetesHook(environment: Environment, say: Say): LiveHook | undefined {
  if (environment[kubernetesVariable] !== "server") return undefined;
  const { files, reason } = kubernetesState(environment);
  return files === undefined ? recordOnly(reason, say) : serverHook(files, say);
}

/** Who has asked for a server is told once that there is none. */
function recordOnly(reason: string, say: Say): LiveHook {
  let said = false;
  const once = async () => {
    if (!said) say(`Kubernetes objects are kept on record only: ${reason}`);
    said = true;
  };
  return { admit: once, ensure: once, remove: once };
}

function serverHook(files: ApiServerFiles, say: Say): LiveHook {
  const planes = new Map<string, ControlPlane>();
  const planeOf = (session: Session) => {
    const cluster = session.identity.account;
    const found = planes.get(cluster) ?? controlPlane(session, cluster, files, say);
    planes.set(cluster, found);
    return found;
  };
  return {
    admit: async (session, { urn, inputs, preview }) => {
      const manifest = hasUnknown(inputs) ? undefined : manifestOf(parseUrn(urn).type, inputs);
      if (manifest !== undefined) await planeOf(session)[preview ? "preview" : "check"](manifest);
    },
    ensure: async (session, existing) => {
      const stored = storedOf(session, existing);
      const manifest = stored && manifestOf(stored.type, stored.inputs);
      if (manifest !== undefined) await planeOf(session).apply(manifest);
    },
    remove: async (session, existing) => {
      const stored = storedOf(session, existing);
      const manifest = stored && manifestOf(stored.type, stored.inputs);
      if (stored === undefined || manifest === undefined) return;
      requireRemovable(session, stored);
      await planeOf(session).remove(manifest);
    },
  };
}

function controlPlane({ directory, cloud }: Session, cluster: string, files: ApiServerFiles, say: Say): ControlPlane {
  return new ControlPlane({
    start: async () => {
      const [{ startApiServer }, { freshFolder }] = await Promise.all([
        import("./api-server.ts"),
        import("./folder.ts"),
      ]);
      return startApiServer(files, freshFolder(directory));
    },
    recorded: () => cloud.list({ account: cluster }).flatMap(({ type, inputs }) => manifestOf(type, inputs) ?? []),
    say,
  });
}

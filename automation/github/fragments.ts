import { ExitCode, SlipwayError } from "../errors.ts";
import { fragmentSchema, type Fragment, type Run } from "../report/comment/model.ts";
import type { Store } from "../store/store.ts";

/** Of which run of which repository. */
export interface FragmentPlace {
  repository: string | undefined;
  run: Run;
}

/** Runs outside of a workflow have no number: they are told apart by their commit. */
function folderOf({ repository, run }: FragmentPlace): string {
  const name = repository === undefined ? "local" : repository.replace("/", "-").replace(/^\.+/, "_");
  return `previews/${name}/${run.id === 0 ? run.head : run.id}/`;
}

/**
 * Leaves what a job found out for the one that tells it: a document per stack, so that jobs never write the same one and a job that runs
 * again takes the place of itself alone.
 */
export async function leaveFragment(
  store: Store,
  place: FragmentPlace,
  { stacks, ground, ...head }: Fragment,
): Promise<void> {
  const folder = `${folderOf(place)}${head.run.attempt}`;
  for (const stack of stacks)
    await store.put(`${folder}.stack.${stack.stack}.json`, textOf({ ...head, stacks: [stack] }));
  if (ground !== undefined) await store.put(`${folder}.ground.json`, textOf({ ...head, stacks: [], ground }));
}

const textOf = (fragment: Fragment): string => `${JSON.stringify(fragment)}\n`;

/** Everything that the jobs of a run have left, in the order of its attempts. Throws a SlipwayError (`usage`) for what is no fragment. */
export async function readFragments(store: Store, place: FragmentPlace): Promise<Fragment[]> {
  const keys = await store.list(folderOf(place));
  return Promise.all(
    keys.map(async (key) => {
      const stored = await store.get(key);
      const parsed = fragmentSchema.safeParse(jsonOrUndefined(stored?.body));
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      throw new SlipwayError(
        ExitCode.usage,
        `A job left what is no preview: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`,
        {
          where: `${store.location}/${key}`,
          next: "Run the preview of that stack again, with the same version of slipway.",
        },
      );
    }),
  );
}

function jsonOrUndefined(body: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(body ?? []).toString("utf8"));
  } catch {
    return undefined;
  }
}
